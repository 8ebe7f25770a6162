// Answers that leave at a moment their agent chose: made, changed, cancelled, sent now, held back.
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { ApiError, del, get, post, put, sentenceOf } from '@/lib/api'
import { moment } from '@/lib/format'
import { addTexts, t } from '@/lib/i18n'
import { newest } from '@/lib/newest'
import type { Outgoing } from '@/lib/queue'
import type { Message, Scheduled } from '@/lib/types'
import texts from '@/locales/en.scheduled.json'
import { useCases } from './cases'
import { useDrafts } from './drafts'
import { useOutbox } from './outbox'
import { useSession } from './session'
import { useToasts } from './toasts'

addTexts(texts)

/** What the composer hands over, to leave at a moment. */
export type Later = Omit<Outgoing, 'client_id' | 'at' | 'state' | 'sentence' | 'hold_seconds' | 'whisper'>
export type Mine = Scheduled & { subject: string | null; customer: string | null; opens: boolean }

/** Who comes back so much later is told all the same. */
const TOLD_MS = 15 * 60_000

export const useScheduled = defineStore('scheduled', () => {
  const cases = useCases()
  const drafts = useDrafts()
  const outbox = useOutbox()
  const session = useSession()
  const toasts = useToasts()
  const rows = shallowRef<Mine[] | null>(null)
  const said = new Set<string>()
  /** One id an attempt, so that trying again schedules once; another text is another reply. */
  let tried = { id: '', of: '' }

  const now = shallowRef('')
  const refresh = newest(
    () => get<{ now: string; rows: Mine[] }>('/scheduled-replies'),
    (found) => {
      rows.value = found.rows
      now.value = found.now
    },
  )

  /** What the server said of one, into the case that shows it. */
  function show(one: Scheduled): void {
    const detail = cases.details.get(one.case_id)
    if (!detail) return
    const others = (detail.scheduled ?? []).filter((other) => other.id !== one.id)
    const pending = one.state === 'waiting' || one.state === 'held_back'
    detail.scheduled = pending ? [...others, one].sort((a, b) => a.at.localeCompare(b.at)) : others
    const states = detail.scheduled.map((each) => each.state)
    const scheduled = states.includes('held_back') ? 'held_back' : states.length ? 'waiting' : null
    cases.paint(one.case_id, { scheduled })
  }

  /** The draft is emptied only once the server has the text. Answers whether it went. */
  async function schedule(wanted: Later, at: Date): Promise<boolean> {
    const { case_id, kind, files, to, cc, after, channel_id, mentions, ...rest } = wanted
    const of = JSON.stringify([case_id, rest.text])
    if (tried.of !== of) tried = { id: crypto.randomUUID(), of }
    try {
      const made = await post<Scheduled>(`/cases/${case_id}/scheduled-replies`, {
        ...rest,
        ...(channel_id ? { channel_id } : {}),
        ...(kind === 'email' ? { to, cc } : {}),
        at: at.toISOString(),
        client_id: tried.id,
        files: files.map((file) => file.token),
        // biome-ignore lint/suspicious/noThenProperty: the API's name; it holds a word, never a function.
        then: after,
      })
      tried = { id: '', of: '' }
      drafts.clear(case_id, kind)
      outbox.restored = { case_id, kind }
      show(made)
      toasts.say(t('scheduled.made', { at: moment(made.at) }), () => void cancel(made))
      return true
    } catch (error) {
      await complain(case_id, error)
      return false
    }
  }

  async function change(one: Scheduled, text: string, at: Date): Promise<boolean> {
    try {
      const said = one.template ? {} : { text }
      const changed = await put<Scheduled>(`/scheduled-replies/${one.id}`, { ...said, at: at.toISOString() })
      show(changed)
      toasts.say(t('scheduled.moved', { at: moment(changed.at) }))
      return true
    } catch (error) {
      await complain(one.case_id, error)
      return false
    }
  }

  async function cancel(one: Scheduled): Promise<void> {
    try {
      const back = await del<Scheduled>(`/scheduled-replies/${one.id}`)
      show(back)
      outbox.intoDraft(one.case_id, one.channel, back.text, back.files, back.to, back.cc)
      toasts.say(t('scheduled.cancelled'))
    } catch (error) {
      await complain(one.case_id, error)
    }
  }

  async function stop(one: Scheduled): Promise<void> {
    try {
      show(await put<Scheduled>(`/scheduled-replies/${one.id}/hold`))
      toasts.say(t('scheduled.stopped', { name: one.agent }))
    } catch (error) {
      await complain(one.case_id, error)
    }
  }

  /** It goes as any reply goes: held a moment, for Undo. */
  async function sendNow(one: Scheduled): Promise<void> {
    const held = session.preferences?.hold_seconds ?? 8
    try {
      const message = await post<Message>(`/scheduled-replies/${one.id}/message`, {
        last_seen_position: cases.details.get(one.case_id)?.position,
        hold_seconds: held,
      })
      show({ ...one, state: 'sent' })
      cases.takeMessages(one.case_id, [message])
      const undo = () => void outbox.recallHeld(message, { case_id: one.case_id })
      toasts.say(t('scheduled.sending'), held ? undo : undefined, held * 1000 || undefined)
    } catch (error) {
      await complain(one.case_id, error)
    }
  }

  async function complain(caseId: number, error: unknown): Promise<void> {
    const moved = error instanceof ApiError && error.status === 409
    toasts.complain(moved && error.current ? t('scheduled.clash') : sentenceOf(error))
    if (moved) await cases.load(caseId, true)
  }

  /** Says which were just held back, wherever their agent looks. */
  async function tell(): Promise<void> {
    await refresh()
    for (const one of rows.value ?? []) {
      const key = `${one.id} ${one.held_at}`
      if (!one.held_at || said.has(key) || Date.parse(now.value) - Date.parse(one.held_at) > TOLD_MS) continue
      said.add(key)
      const text = t('scheduled.told', { id: one.case_id, why: one.why })
      toasts.tell(text, one.opens ? `/desk/cases/${one.case_id}` : `/desk/diary/${session.me?.id ?? ''}`)
      toasts.announce(text)
    }
  }

  return { rows, refresh, schedule, change, cancel, stop, sendNow, tell }
})
