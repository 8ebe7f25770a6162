// The visitor's line: connects, replays what was missed, sends what waits, and never says anything twice.
import type { Socket } from 'socket.io-client'
import { reactive } from 'vue'
import { empty, type Log, merge, unread, whole } from './log'
import { reader } from './reader'
import type { Boot, Chat, Msg, Pending, Uploaded } from './types'

const ANSWER_MS = 8000
const SILENCE_MS = 300
const TYPING_EVERY_MS = 2000
const TYPING_SHOWN_MS = 5000
const PLACE_FRESH_MS = 15000
const AWAY_FRESH_MS = 60000

interface Answer {
  ok: boolean
  error?: string
  again?: number
  chat?: Chat | null
  messages?: Msg[]
  message?: Msg
  more?: boolean
  sequence?: number
  token?: string
}

export interface State {
  connection: 'idle' | 'connecting' | 'open' | 'lost' | 'refused'
  sentence: string
  log: Log
  chat: Chat | null
  typing: string
  seen: number
}

export interface Line {
  state: State
  /** The browser was here before: the token it was given, and what it could not send. */
  adopt(token: string, waiting: string | null): void
  open(): Promise<void>
  say(text: string, files: Uploaded[], fields?: Record<string, string>): void
  retry(clientId: string): void
  discard(clientId: string): void
  typing(): void
  read(): void
  end(): Promise<Answer>
  score(score: number, comment: string): Promise<Answer>
  email(address: string): Promise<Answer>
  identify(token: string): Promise<void>
  forget(): void
  token(): string | null
}

export interface Keeping {
  token: string | null
  keep(token: string | null): void
  /** What is not sent yet, so that a reload loses no word. */
  waiting: string | null
  keepWaiting(waiting: string | null): void
  page(): string
}

/** Where a line stands on which nothing was said yet. */
export const nothing = (): State =>
  reactive<State>({ connection: 'idle', sentence: '', log: empty(), chat: null, typing: '', seen: 0 })

export function makeLine(boot: Boot, keeping: Keeping): Line {
  const state = nothing()
  state.log.pending = recall(keeping.waiting)
  let socket: Socket | undefined
  let opening: Promise<void> | undefined
  let sending = false
  /** What the shop signed of who this is, until the server has heard it. */
  let signed: string | undefined
  let introducing = false
  let typedAt = 0
  let typingOver: ReturnType<typeof setTimeout> | undefined
  let placeOld: ReturnType<typeof setTimeout> | undefined

  const open = (): Promise<void> => {
    opening ??= begin().catch((error: unknown) => {
      opening = undefined
      state.connection = 'lost'
      state.sentence = error instanceof Error ? error.message : ''
    })
    return opening
  }

  async function begin(): Promise<void> {
    state.connection = 'connecting'
    const [{ io }] = await Promise.all([import('socket.io-client'), becomeSomebody()])
    socket = io('/visitor', {
      transports: ['websocket', 'polling'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 8000,
      auth: (give) => give({ site: boot.site, token: keeping.token }),
    })
    socket.on('connect', () => void comeIn())
    socket.on('disconnect', () => {
      state.connection = 'lost'
      state.typing = ''
    })
    socket.on('connect_error', (error: Error & { data?: unknown }) => {
      const refused = socket?.active === false
      state.connection = refused ? 'refused' : 'lost'
      if (refused) state.sentence = error.message
    })
    socket.on('news', (news: { sequence: number }) => {
      if (news.sequence > whole(state.log)) void catchUp('since')
    })
    // Where the chat stands has changed; how, the server says when asked.
    socket.on('chat', () => void catchUp('since'))
    socket.on('read', (mark: { sequence: number }) => {
      if (state.chat) state.chat.read = Math.max(state.chat.read, mark.sequence)
    })
    socket.on('typing', (who: { name: string }) => {
      state.typing = who.name
      clearTimeout(typingOver)
      typingOver = setTimeout(() => {
        state.typing = ''
      }, TYPING_SHOWN_MS)
    })
    socket.on('refused', (said: { sentence: string }) => {
      state.sentence = said.sentence
    })
  }

  /** A browser we have not met gets a token of its own, at the first intent and not before. */
  async function becomeSomebody(): Promise<void> {
    if (keeping.token) return
    const answer = await fetch(`/widget/${encodeURIComponent(boot.site)}/visitors`, { method: 'POST' })
    const said = (await answer.json().catch(() => null)) as {
      token?: string
      error?: { sentence: string }
    } | null
    if (!answer.ok || !said?.token) throw new Error(said?.error?.sentence ?? '')
    keep(said.token)
  }

  /** Who it is goes first: what is said before that would be a stranger's. */
  async function comeIn(): Promise<void> {
    if (await introduce()) return
    await catchUp('hello')
    await flush()
  }

  /** Tells the server whom the shop vouches for; whether the line begins anew with another token. */
  async function introduce(): Promise<boolean> {
    const token = signed
    if (!token || introducing) return false
    introducing = true
    const answer = await ask('identify', { token })
    introducing = false
    // Silence is no answer: the next connection says it again.
    if (signed === token && (answer.ok || (answer.error && !answer.again))) signed = undefined
    if (!answer.token || answer.token === keeping.token) return false
    keep(answer.token)
    state.log = { ...empty(), pending: state.log.pending }
    // The words of another visitor are counted anew, and so is what was read of them.
    state.seen = 0
    if (state.chat) state.chat.read = 0
    socket?.disconnect().connect()
    return true
  }

  async function catchUp(event: 'hello' | 'since'): Promise<void> {
    for (;;) {
      const answer = await ask(event, { after: whole(state.log) })
      if (answer.ok) take(answer)
      if (answer.ok ? answer.more : await asksAgain(answer)) continue
      if (answer.ok) state.connection = 'open'
      else if (answer.error) state.sentence = answer.error
      return
    }
  }

  /** After silence on an open line, or when told so, the same is asked again: nothing counts twice. */
  async function asksAgain(answer: Answer): Promise<boolean> {
    if (answer.error && !answer.again) return false
    await new Promise((done) => setTimeout(done, answer.again ? 1000 * answer.again : SILENCE_MS))
    return socket?.connected === true
  }

  function take(answer: Answer): void {
    state.log = merge(state.log, [...(answer.messages ?? []), ...(answer.message ? [answer.message] : [])])
    if (answer.chat !== undefined) state.chat = neverUnread(answer.chat)
    state.seen = Math.max(state.seen, answer.chat?.seen ?? 0)
    if (state.log.messages.at(-1)?.from === 'agent') state.typing = ''
    keepPlaceFresh()
    remember()
  }

  /** An answer can be older than a mark that was told meanwhile: what the agent has read stays read. */
  const neverUnread = (chat: Chat | null): Chat | null =>
    chat && { ...chat, read: Math.max(chat.read, state.chat?.read ?? 0) }

  /** Nobody tells a page that others of the line were served, or that somebody came: while it waits, it asks. */
  function keepPlaceFresh(): void {
    clearTimeout(placeOld)
    if (state.chat?.state !== 'waiting') return
    const fresh = state.chat.leave_message ? AWAY_FRESH_MS : PLACE_FRESH_MS
    placeOld = setTimeout(() => void catchUp('since'), fresh)
  }

  async function ask(event: string, said: unknown): Promise<Answer> {
    if (!socket?.connected) return { ok: false }
    try {
      return (await socket.timeout(ANSWER_MS).emitWithAck(event, said)) as Answer
    } catch {
      return { ok: false }
    }
  }

  /** Sends what waits, one after the other, so that the order is that of the writing. */
  async function flush(): Promise<void> {
    if (sending || introducing) return
    sending = true
    try {
      for (let next = waiting(); next; next = waiting()) {
        const { client_id, text, files, fields } = next
        const tokens = files.map((file) => file.token)
        const answer = await ask('say', {
          client_id,
          text,
          files: tokens,
          page: keeping.page(),
          reader: reader(),
          ...(fields && { fields }),
        })
        if (answer.ok) take(answer)
        else if (answer.error && !answer.again) trouble(client_id, answer.error)
        else if (!(await asksAgain(answer))) return
      }
    } finally {
      sending = false
    }
  }

  const waiting = (): Pending | undefined => state.log.pending.find((one) => !one.trouble)
  const trouble = (clientId: string, sentence?: string): void => {
    state.log.pending = state.log.pending.map((one) =>
      one.client_id === clientId ? { ...one, trouble: sentence } : one,
    )
    remember()
  }
  const remember = (): void => {
    const { pending } = state.log
    keeping.keepWaiting(pending.length ? JSON.stringify(pending) : null)
  }
  const keep = (token: string | null): void => {
    keeping.token = token
    keeping.keep(token)
  }

  return {
    state,
    open,
    adopt(token, waiting) {
      keeping.token ??= token
      const known = new Set(state.log.pending.map((one) => one.client_id))
      state.log.pending.unshift(...recall(waiting).filter((one) => !known.has(one.client_id)))
    },
    token: () => keeping.token,
    say(text, files, fields) {
      const at = new Date().toISOString()
      state.log.pending.push({ client_id: crypto.randomUUID(), text, files, fields, at })
      remember()
      void open().then(flush)
    },
    retry(clientId) {
      trouble(clientId)
      void open().then(flush)
    },
    discard(clientId) {
      state.log.pending = state.log.pending.filter((one) => one.client_id !== clientId)
      remember()
    },
    typing() {
      if (Date.now() - typedAt < TYPING_EVERY_MS || !socket?.connected) return
      typedAt = Date.now()
      socket.emit('typing', {})
    },
    read() {
      const last = whole(state.log)
      if (unread(state.log, state.seen) === 0) return
      state.seen = last
      void ask('read', { sequence: last })
    },
    async end() {
      const answer = await ask('end', {})
      if (answer.ok) take(answer)
      return answer
    },
    async score(score, comment) {
      const answer = await ask('score', { score, ...(comment && { comment }) })
      if (answer.ok) take(answer)
      return answer
    },
    async email(address) {
      const answer = await ask('email', { address })
      if (answer.ok) take(answer)
      return answer
    },
    async identify(token) {
      signed = token
      await open()
      if (socket?.connected && !(await introduce())) await flush()
    },
    /** The person has signed out of the shop: whoever comes next is somebody else. */
    forget() {
      clearTimeout(placeOld)
      signed = undefined
      socket?.disconnect()
      socket = opening = undefined
      keep(null)
      Object.assign(state, { connection: 'idle', log: empty(), chat: null, typing: '', seen: 0 })
      remember()
    },
  }
}

function recall(kept: string | null): Pending[] {
  try {
    return JSON.parse(kept ?? '[]') as Pending[]
  } catch {
    return []
  }
}
