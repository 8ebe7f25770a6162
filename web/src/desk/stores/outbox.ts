// Sending: into the thread at once, held a moment for Undo, kept through a lost connection, never twice.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError, del, post, put, sentenceOf } from '@/lib/api'
import { t } from '@/lib/i18n'
import { attempt, enqueued, type Outgoing, revived } from '@/lib/queue'
import { recall, recallAll, remember } from '@/lib/storage'
import type { DraftKind, Message, Stored } from '@/lib/types'
import { useCases } from './cases'
import { useDrafts } from './drafts'
import { useToasts } from './toasts'

/** Each message is kept under a key of its own: tabs of one browser do not write over each other's. */
const KEPT = 'outbox.'

export const useOutbox = defineStore('outbox', () => {
  const cases = useCases()
  const drafts = useDrafts()
  const toasts = useToasts()
  const queue = ref<Outgoing[]>(revived(recallAll<Outgoing>(KEPT)))
  const kept = new Set(queue.value.map((one) => one.client_id))
  /** The draft that was last changed from elsewhere, so that an open composer shows it. */
  const restored = shallowRef<{ case_id: number; kind: DraftKind } | null>(null)
  const undone = new Set<string>()
  const shown = new Map<string, number>()
  const waiting = computed(() => queue.value.filter((one) => one.state === 'waiting').length)
  const forCase = (id: number): Outgoing[] => queue.value.filter((one) => one.case_id === id)

  function keep(one: Outgoing): void {
    remember(KEPT + one.client_id, one)
    if (recall(KEPT + one.client_id)) kept.add(one.client_id)
  }
  function replace(one: Outgoing): void {
    queue.value = queue.value.map((o) => (o.client_id === one.client_id ? one : o))
    keep(one)
  }
  function drop(id: string): void {
    queue.value = queue.value.filter((o) => o.client_id !== id)
    kept.delete(id)
    remember(KEPT + id, null)
  }
  /** A message that is still to go; one that another tab has sent or taken back is not. */
  function find(id: string): Outgoing | undefined {
    if (kept.has(id) && !recall(KEPT + id)) drop(id)
    return queue.value.find((one) => one.client_id === id)
  }

  /** Takes a written message. The draft is emptied only because the queue now holds the text. */
  function send(wanted: Omit<Outgoing, 'client_id' | 'at' | 'state' | 'sentence'>): void {
    const one: Outgoing = {
      ...wanted,
      client_id: crypto.randomUUID(),
      at: new Date().toISOString(),
      state: 'waiting',
      sentence: null,
    }
    queue.value = enqueued(queue.value, one)
    keep(one)
    drafts.clear(one.case_id, one.kind)
    if (one.after === 'resolve') cases.paint(one.case_id, { status: 'resolved' })
    const held = one.hold_seconds * 1000
    if (held) {
      const undoIt = () => void undo(one.client_id)
      const name = cases.known(one.case_id)?.name
      const sentence = name ? t('send.sending_to', { name }) : t('send.sending')
      shown.set(one.client_id, toasts.say(sentence, undoIt, held))
    }
    // A mail is held by the server. A chat is held here: what lies there is there to be read.
    if (one.kind === 'chat' && held) setTimeout(() => void go(one.client_id), held)
    else void go(one.client_id)
  }

  async function go(clientId: string): Promise<void> {
    const one = find(clientId)
    if (!one || one.state === 'sending') return
    replace({ ...one, state: 'sending', sentence: null })
    const left = await attempt(one, {
      send: deliver,
      isOffline: (error) =>
        error instanceof ApiError && (error.offline || error.status === 503 || error.status === 429),
      isClash: (error) => error instanceof ApiError && error.status === 409,
      sentence: sentenceOf,
    })
    if (undone.delete(clientId) && left) return toDraft(one)
    if (!left) return drop(clientId)
    // What waits for the line, or was refused, is no longer being sent: the thread says what is done about it.
    toasts.drop(shown.get(clientId) ?? 0)
    if (left.state === 'clash') return toDraft(left, t('send.clash'))
    replace(left)
  }

  async function deliver(one: Outgoing): Promise<void> {
    const { case_id, at, state, sentence, files, to, cc, after, kind, channel_id, whisper, ...rest } = one
    const answers = kind !== 'note'
    try {
      const message = await post<Message>(`/cases/${case_id}/messages`, {
        ...rest,
        kind: answers ? 'reply' : 'note',
        ...(answers && channel_id ? { channel_id } : {}),
        ...(kind === 'email' ? { to, cc } : {}),
        ...(whisper ? { whisper } : {}),
        files: files.map((f) => f.token),
        // biome-ignore lint/suspicious/noThenProperty: the API's name; it holds a word, never a function.
        then: after,
      })
      cases.takeMessages(case_id, [message])
      cases.paint(case_id, {
        ...(one.text ? { preview: one.text.slice(0, 120) } : {}),
        ...(answers ? { waiting_since: null } : {}),
      })
      if (undone.delete(one.client_id)) await recallHeld(message, one)
    } catch (error) {
      const news =
        error instanceof ApiError && error.status === 409
          ? (error.current as { messages: Message[] } | null)
          : null
      if (news) cases.takeMessages(case_id, news.messages)
      throw error
    }
  }

  /** Everything that waits for the connection goes now, oldest first, with the same client_ids. */
  async function flush(): Promise<void> {
    for (const one of queue.value.filter((o) => o.state === 'waiting')) await go(one.client_id)
  }

  /** Takes a message back: from the queue while it waits here, from the server while it is held there. */
  async function undo(clientId: string): Promise<void> {
    const one = find(clientId)
    if (one?.state === 'sending') {
      undone.add(clientId)
      return
    }
    if (one) return toDraft(one)
    const held = findHeld((m) => m.client_id === clientId)
    if (held) await recallHeld(held.message, { case_id: held.caseId })
  }

  /** Takes back the newest reply of this agent that has not left, wherever it is held; answers whether there is one. */
  function undoNewest(agentId: number | undefined): boolean {
    const here = queue.value.findLast((one) => one.hold_seconds > 0 && one.state !== 'failed')
    const there = here ? undefined : findHeld((m) => m.author.agent_id === agentId)
    if (here) void undo(here.client_id)
    if (there) void recallHeld(there.message, { case_id: there.caseId })
    return !!here || !!there
  }

  /** The newest that is held and fits. */
  function findHeld(matches: (m: Message) => boolean): { caseId: number; message: Message } | undefined {
    let newest: { caseId: number; message: Message } | undefined
    for (const [caseId, detail] of cases.details) {
      const message = detail.messages.findLast((m) => m.state === 'held' && matches(m))
      if (message && (!newest || message.at > newest.message.at)) newest = { caseId, message }
    }
    return newest
  }

  async function recallHeld(message: Message, { case_id }: { case_id: number }): Promise<void> {
    toasts.drop(shown.get(message.client_id ?? '') ?? 0)
    try {
      const back = await del<{ text: string; files: Stored[] }>(`/messages/${message.id}/hold`)
      cases.dropMessage(case_id, message.id)
      intoDraft(
        case_id,
        draftKindOf(message),
        back.text,
        back.files,
        message.to.map((m) => m.address),
        message.cc.map((m) => m.address),
      )
      toasts.say(t('send.taken_back'))
      void cases.load(case_id, true)
    } catch (error) {
      toasts.complain(sentenceOf(error))
    }
  }

  function toDraft(one: Outgoing, sentence?: string): void {
    drop(one.client_id)
    toasts.drop(shown.get(one.client_id) ?? 0)
    intoDraft(one.case_id, one.kind, one.text, one.files, one.to, one.cc)
    if (one.after === 'resolve') void cases.load(one.case_id, true)
    if (sentence) toasts.complain(sentence)
  }

  /** What was written in the meantime stays, below what comes back. */
  function intoDraft(
    id: number,
    kind: Outgoing['kind'],
    text: string,
    files: Stored[],
    to: string[],
    cc: string[],
  ): void {
    const newer = drafts.find(id, kind)
    drafts.save(id, kind, {
      text: newer?.text.trim() ? `${text}\n\n${newer.text}` : text,
      files: [...files, ...(newer?.files ?? []).filter((f) => !files.some((g) => g.token === f.token))],
      to,
      cc,
    })
    restored.value = { case_id: id, kind }
  }

  const draftKindOf = (message: Message): DraftKind => {
    if (message.kind === 'note') return 'note'
    return message.channel === 'sms' || message.channel === 'chat' ? message.channel : 'email'
  }

  const edit = (clientId: string): void => {
    const one = find(clientId)
    if (one) toDraft(one)
  }

  /** Sends a delivery that failed once more. Answers what that risks, where an agent must first accept it. */
  async function sendAgain(caseId: number, message: Message, accept_doubling = false): Promise<string> {
    try {
      const again = await put<Message>(`/messages/${message.id}/delivery`, { accept_doubling })
      cases.takeMessages(caseId, [again])
    } catch (error) {
      if (error instanceof ApiError && error.field === 'accept_doubling') return error.message
      toasts.complain(sentenceOf(error))
    }
    return ''
  }

  return {
    queue,
    waiting,
    restored,
    forCase,
    send,
    go,
    flush,
    undo,
    edit,
    sendAgain,
    undoNewest,
    recallHeld,
    intoDraft,
  }
})
