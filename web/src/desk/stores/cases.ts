// Every case we hold: rows for lists, details for threads. The screen changes first, the server confirms after.
import { defineStore } from 'pinia'
import { reactive, shallowReactive } from 'vue'
import { get, post, put, request, sentenceOf, url } from '@/lib/api'
import { applied, type CaseChange, callsFor, fitsBulk, inverse } from '@/lib/change'
import { t } from '@/lib/i18n'
import { grouped, pickRow } from '@/lib/rows'
import { mergeMessages } from '@/lib/thread'
import type { Case, CaseDetail, CaseRow, Message } from '@/lib/types'
import { useToasts } from './toasts'

const KEPT = 60

export const useCases = defineStore('cases', () => {
  const toasts = useToasts()
  const rows = reactive(new Map<number, CaseRow>())
  const details = shallowReactive(new Map<number, CaseDetail>())
  const troubles = shallowReactive(new Map<number, unknown>())
  const stale = new Set<number>()
  /** How far visitors have read, as their pages said in passing. */
  const readTo = new Map<number, number>()
  const asked = new Map<number, Promise<void>>()

  const known = (id: number): (CaseRow & Partial<Case>) | undefined => details.get(id)?.case ?? rows.get(id)

  /** Takes in rows from the server. An answer older than what we know is ignored. */
  function absorb(fresh: CaseRow | Case): void {
    const row = rows.get(fresh.id)
    if (row && row.version > fresh.version) return
    if (row)
      for (const key of Object.keys(row) as (keyof CaseRow)[]) Object.assign(row, { [key]: fresh[key] })
    else rows.set(fresh.id, pickRow(fresh))
    const detail = details.get(fresh.id)
    if (detail) Object.assign(detail.case, fresh)
  }

  /** Loads a case unless it is here; `again` fetches what has changed since. */
  function load(id: number, again = false): Promise<void> {
    if (details.has(id) && !again && !stale.has(id)) return Promise.resolve()
    const running = asked.get(id)
    if (running) return again || stale.has(id) ? running.then(() => load(id, again)) : running
    // What changes from here on may not be in the answer: it is old again when it comes.
    stale.delete(id)
    const asking = get<CaseDetail>(`/cases/${id}`)
      .then(
        (fresh) => void keep(fresh),
        (error) => {
          if (details.has(id)) stale.add(id)
          else troubles.set(id, error)
        },
      )
      .finally(() => asked.delete(id))
    asked.set(id, asking)
    return asking
  }

  function keep(fresh: CaseDetail): CaseDetail {
    const { id } = fresh.case
    const here = details.get(id)
    troubles.delete(id)
    if (fresh.chat) fresh.chat.read = Math.max(fresh.chat.read, readTo.get(id) ?? 0)
    if (here) {
      const gap =
        here.messages.length > 0 && fresh.older && (fresh.messages[0]?.position ?? 0) > here.position + 1
      Object.assign(here, fresh, {
        case: here.case.version > fresh.case.version ? here.case : fresh.case,
        messages: gap ? fresh.messages : mergeMessages(here.messages, fresh.messages),
        older: gap ? fresh.older : here.older,
      })
    } else {
      details.set(id, reactive(fresh))
      for (const old of [...details.keys()].slice(0, Math.max(0, details.size - KEPT))) details.delete(old)
    }
    absorb(fresh.case)
    return details.get(id)!
  }

  /** What we hold may be old: refetched when it is looked at. */
  const markStale = (id: number): void => {
    if (details.has(id) || asked.has(id)) stale.add(id)
  }

  /** The visitor has read so far. An answer that was on its way does not take it back. */
  function noteRead(id: number, sequence: number): void {
    readTo.set(id, Math.max(sequence, readTo.get(id) ?? 0))
    const chat = details.get(id)?.chat
    if (chat) chat.read = Math.max(chat.read, sequence)
  }

  async function loadOlder(id: number, limit = 50): Promise<void> {
    const detail = details.get(id)
    const first = detail?.messages[0]
    if (!detail || !first) return
    const page = await get<{ rows: Message[]; older: boolean }>(`/cases/${id}/messages`, {
      before: first.position,
      limit,
    })
    detail.messages = mergeMessages(page.rows, detail.messages)
    detail.older = page.older
  }

  function takeMessages(id: number, messages: Message[]): void {
    const detail = details.get(id)
    if (!detail) return
    detail.messages = mergeMessages(detail.messages, messages)
    detail.position = Math.max(detail.position, detail.messages.at(-1)?.position ?? 0)
  }

  function dropMessage(id: number, messageId: number): void {
    const detail = details.get(id)
    if (detail) detail.messages = detail.messages.filter((m) => m.id !== messageId)
  }

  /** Shows a patch on row and detail without telling anyone. */
  function paint(id: number, patch: Partial<Case>): void {
    const row = rows.get(id)
    if (row)
      for (const key of Object.keys(patch))
        if (key in row) Object.assign(row, { [key]: patch[key as keyof Case] })
    const detail = details.get(id)
    if (detail) Object.assign(detail.case, patch)
  }

  /**
   * Changes cases: at once on screen, then on the server. What the server refuses is restored and said.
   * With `sentence` a toast offers Undo, which sends the inverse.
   */
  async function change(ids: number[], wanted: CaseChange, sentence?: string): Promise<void> {
    const before = ids.flatMap((id) => {
      const one = known(id)
      return one ? [{ ...one }] : []
    })
    const undo = () => {
      for (const [back, group] of grouped(before, (row) => inverse(row, wanted))) void change(group, back)
    }
    for (const row of before) paint(row.id, applied(row, wanted))
    if (sentence) toasts.say(sentence, undo)
    await (before.length > 1 && fitsBulk(wanted)
      ? bulk(before, wanted)
      : Promise.all(before.map((row) => single(row, wanted))))
  }

  async function single(before: CaseRow & Partial<Case>, wanted: CaseChange): Promise<void> {
    try {
      for (const call of callsFor(before, wanted))
        absorb(await request<Case>(call.method, url(call.path), call.body))
    } catch (error) {
      restore(before, wanted, sentenceOf(error))
    }
  }

  async function bulk(before: (CaseRow & Partial<Case>)[], wanted: CaseChange): Promise<void> {
    try {
      const answer = await post<{ changed: Case[]; refused: { id: number; sentence: string }[] }>(
        '/cases/bulk',
        { ids: before.map((row) => row.id), change: wanted },
      )
      for (const one of answer.changed) absorb(one)
      for (const { id, sentence } of answer.refused)
        restore(before.find((row) => row.id === id)!, wanted, sentence)
    } catch (error) {
      for (const row of before) restore(row, wanted, sentenceOf(error))
    }
  }

  function restore(before: CaseRow & Partial<Case>, wanted: CaseChange, sentence: string): void {
    const patch = applied(before, wanted)
    paint(before.id, Object.fromEntries(Object.keys(patch).map((key) => [key, before[key as keyof Case]])))
    toasts.complain(t('error.restored', { sentence }))
  }

  function markRead(id: number): void {
    const detail = details.get(id)
    if (detail?.chat && detail.chat.my_read < detail.chat.sequence && detail.case.can.includes('note')) {
      detail.chat.my_read = detail.chat.sequence
      put(`/cases/${id}/chat/read`, { sequence: detail.chat.sequence }).catch(() => markStale(id))
    }
    if (!detail || !known(id)?.unread) return
    paint(id, { unread: false })
    put(`/cases/${id}/read`, { position: detail.position }).catch(() => markStale(id))
  }

  async function markUnread(ids: number[]): Promise<void> {
    for (const id of ids) paint(id, { unread: true })
    await Promise.all(
      ids.map((id) => request('DELETE', url(`/cases/${id}/read`)).catch(() => paint(id, { unread: false }))),
    )
  }

  return {
    rows,
    details,
    troubles,
    known,
    absorb,
    load,
    keep,
    markStale,
    noteRead,
    loadOlder,
    takeMessages,
    dropMessage,
    paint,
    change,
    markRead,
    markUnread,
  }
})
