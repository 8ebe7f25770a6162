// The one door to the server: JSON in and out, CSRF header, errors as sentences.
import { boot } from './boot'

export type Query = Record<string, string | number | boolean | null | undefined>

/** An answer other than 2xx. `message` is the server's sentence and may be shown to a person. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    sentence: string,
    readonly field: string | null = null,
    readonly current: unknown = null,
  ) {
    super(sentence)
    this.name = 'ApiError'
  }

  /** True when the server was never reached, so that trying again later is safe and sensible. */
  get offline(): boolean {
    return this.status === 0
  }
}

/** `beside` is the sentence beside the field that it is about. */
export interface FieldTrouble {
  field: string | null
  sentence: string
  beside: string
}

const BASE = '/api/v1'
const WAIT_MS = 20_000

export const url = (path: string, query: Query = {}): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  return BASE + path + (search.size ? `?${search}` : '')
}

/** Headers every changing request needs. */
export const changeHeaders = (): Record<string, string> => ({ 'X-CSRF-Token': boot?.csrf ?? '' })

export async function request<T>(method: string, address: string, body?: unknown): Promise<T> {
  const response = await respond(method, address, body)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** The answer as it comes, for what is no JSON or takes long; one other than 2xx is thrown. `signal` gives the question up. */
export async function respond(
  method: string,
  address: string,
  body?: unknown,
  wait = WAIT_MS,
  signal?: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') Object.assign(headers, changeHeaders())
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const ends = AbortSignal.timeout(wait)
  const response = await fetch(address, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, ends]) : ends,
  }).catch(() => {
    throw new ApiError(0, 'offline', 'The server cannot be reached.')
  })
  if (!response.ok) throw await failure(response)
  return response
}

async function failure(response: Response): Promise<ApiError> {
  const answer = (await response.json().catch(() => null)) as { error?: Partial<ErrorBody> } | null
  return asError(response.status, answer)
}

interface ErrorBody {
  kind: string
  sentence: string
  field: string | null
  current: unknown
}

/** The error in an answer, also for uploads, which do not go through `request`. */
export function asError(status: number, answer: { error?: Partial<ErrorBody> } | null): ApiError {
  if (status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
  // A gateway in front of a stopped server answers for it; to the person that is "not reached".
  if (!answer?.error && [502, 504].includes(status)) status = 0
  const { kind = 'unavailable', sentence = '', field = null, current = null } = answer?.error ?? {}
  return new ApiError(status, kind, sentence || `The server answered ${status}.`, field, current)
}

let unanswered = false

/** Whether a question has gone without an answer since this was last asked: what is on screen may be old. */
export function wasUnanswered(): boolean {
  const was = unanswered
  unanswered = false
  return was
}

export const get = <T>(path: string, query?: Query) =>
  request<T>('GET', url(path, query)).catch((error) => {
    // An answer that breaks off in its middle is no ApiError.
    unanswered ||= !(error instanceof ApiError) || error.offline || error.status === 503
    throw error
  })
export const post = <T>(path: string, body: unknown = {}) => request<T>('POST', url(path), body)
export const put = <T>(path: string, body: unknown = {}) => request<T>('PUT', url(path), body)
export const patch = <T>(path: string, body: unknown) => request<T>('PATCH', url(path), body)
export const del = <T = void>(path: string, body?: unknown) => request<T>('DELETE', url(path), body)

/** The sentence to show for anything that was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'Something went wrong.'

/** What was thrown, for a form: at which field, and how it is said there and elsewhere. */
export const troubleOf = (error: unknown): FieldTrouble => ({
  field: error instanceof ApiError ? error.field : null,
  sentence: sentenceOf(error),
  beside: sentenceBeside(error),
})

/** The same beside its field, whose label says already which one it is about. */
export function sentenceBeside(error: unknown): string {
  const sentence = sentenceOf(error)
  const field = error instanceof ApiError ? error.field : null
  if (!field || !sentence.startsWith(`${field}: `)) return sentence
  const rest = sentence.slice(field.length + 2)
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}
