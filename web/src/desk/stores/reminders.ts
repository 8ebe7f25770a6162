// What I want to be told again, and when. Deeds show at once and can be taken back.
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { del, get, post, put, sentenceOf } from '@/lib/api'
import { moment } from '@/lib/format'
import { addTexts, t } from '@/lib/i18n'
import { newest } from '@/lib/newest'
import texts from '@/locales/en.reminders.json'
import { useSession } from './session'
import { useToasts } from './toasts'

addTexts(texts)

export interface Reminder {
  id: number
  word: string
  at: string
  told_at: string | null
  case_id: number | null
  subject: string | null
  customer: string | null
  opens: boolean
}

/** Who comes back so much later is told all the same. */
const TOLD_MS = 15 * 60_000

export const useReminders = defineStore('reminders', () => {
  const toasts = useToasts()
  const session = useSession()
  const rows = shallowRef<Reminder[] | null>(null)
  const now = ref('')
  const said = new Set<string>()

  const refresh = newest(
    () => get<{ now: string; rows: Reminder[] }>('/reminders'),
    (found) => {
      rows.value = found.rows
      now.value = found.now
    },
  )

  /** Says those whose time has just come: here, and on the desktop of whoever looks elsewhere. */
  async function tell(): Promise<void> {
    await refresh()
    for (const one of rows.value ?? []) {
      const key = `${one.id} ${one.told_at}`
      if (!one.told_at || said.has(key) || Date.parse(now.value) - Date.parse(one.told_at) > TOLD_MS) continue
      said.add(key)
      const text = t('reminders.now', { word: one.word })
      toasts.tell(text, one.opens ? `/desk/cases/${one.case_id}` : `/desk/diary/${session.me?.id ?? ''}`)
      toasts.announce(text)
      notify(one, text)
    }
  }

  function notify(one: Reminder, text: string): void {
    if (!session.preferences?.notifications || document.hasFocus()) return
    if (!('Notification' in window) || Notification.permission !== 'granted') return
    // The tag makes one notice of what several tabs tell.
    const notice = new Notification(text, { body: one.subject ?? '', tag: `reminder-${one.id}` })
    notice.addEventListener('click', () => {
      window.focus()
      notice.close()
    })
  }

  /** Does it, fetches what is so now, and says it; what was refused is said as it was worded. */
  async function deed(doing: Promise<unknown>, text: string, undo?: () => void): Promise<boolean> {
    try {
      await doing
      toasts.say(text, undo)
      return true
    } catch (error) {
      toasts.complain(sentenceOf(error))
      return false
    } finally {
      await refresh().catch(() => undefined)
    }
  }

  const back = (id: number, change: object) => () =>
    void deed(put(`/reminders/${id}`, change), t('reminders.back'))

  function make(word: string, at: Date, caseId: number | null): Promise<boolean> {
    const made = post<Reminder>('/reminders', { word, at: at.toISOString(), case_id: caseId })
    let id = 0
    return deed(
      made.then((one) => {
        id = one.id
      }),
      t('reminders.made', { at: moment(at.toISOString()) }),
      () => void deed(del(`/reminders/${id}`), t('reminders.back')),
    )
  }
  const change = (one: Reminder, word: string, at: Date): Promise<boolean> =>
    deed(
      put(`/reminders/${one.id}`, { word, at: at.toISOString() }),
      t('reminders.moved', { at: moment(at.toISOString()) }),
      Date.parse(one.at) > Date.now() ? back(one.id, { word: one.word, at: one.at }) : undefined,
    )
  const finish = (one: Reminder): Promise<boolean> =>
    deed(
      put(`/reminders/${one.id}`, { done: true }),
      t('reminders.done', { word: one.word }),
      back(one.id, { done: false }),
    )
  const drop = (one: Reminder): Promise<boolean> =>
    deed(del(`/reminders/${one.id}`), t('reminders.deleted'), back(one.id, { done: false }))

  return { rows, now, refresh, tell, make, change, finish, drop }
})
