// Replies that are on their way. Each carries its client_id, so that sending one twice is sending it once.
import type { DraftKind, Stored, TemplateUse } from './types'

export interface Outgoing {
  client_id: string
  case_id: number
  kind: DraftKind
  /** The channel an answer leaves by; the server takes the best one where none is named. */
  channel_id?: number | null
  text: string
  /** Its words are said in place of free ones. */
  template?: TemplateUse | null
  files: Stored[]
  to: string[]
  cc: string[]
  mentions: number[]
  whisper?: boolean
  last_seen_position: number
  hold_seconds: number
  after: 'resolve' | 'wait' | null
  at: string
  /** waiting: not sent yet (no connection). failed: the server said no. clash: something newer came first. */
  state: 'waiting' | 'sending' | 'failed' | 'clash'
  sentence: string | null
}

export interface Answers {
  /** Resolves when the server has the message; rejects with what went wrong. */
  send: (one: Outgoing) => Promise<void>
  /** True when the server was not reached, so that the same message may go again later. */
  isOffline: (error: unknown) => boolean
  isClash: (error: unknown) => boolean
  sentence: (error: unknown) => string
}

/** One attempt. Returns the queue afterwards: without the message when it went, with its trouble when not. */
export async function attempt(one: Outgoing, answers: Answers): Promise<Outgoing | null> {
  try {
    await answers.send(one)
    return null
  } catch (error) {
    if (answers.isOffline(error)) return { ...one, state: 'waiting', sentence: null }
    const state = answers.isClash(error) ? 'clash' : 'failed'
    return { ...one, state, sentence: answers.sentence(error) }
  }
}

/** Keeps what was being sent when the page closed: nobody knows whether it arrived, so it goes again. */
export const revived = (stored: readonly Outgoing[]): Outgoing[] =>
  stored
    .map((one) => (one.state === 'sending' ? { ...one, state: 'waiting' as const } : one))
    .sort((a, b) => a.at.localeCompare(b.at))

/** Adds a message unless its client_id is already on the way. */
export const enqueued = (queue: readonly Outgoing[], one: Outgoing): Outgoing[] =>
  queue.some((other) => other.client_id === one.client_id) ? [...queue] : [...queue, one]
