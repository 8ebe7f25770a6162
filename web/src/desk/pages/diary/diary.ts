// A person's tasks and diary as the desk tells them, and what is made of them.
import { moment, span } from '@/lib/format'
import { t } from '@/lib/i18n'
import type { PresenceState } from '@/lib/types'

export interface Deed {
  what: string
  at: string
  until: string | null
  case_id: number
  seconds: number | null
  subject: string | null
  channel: string
  opens: boolean
}
export interface PresenceSpan {
  state: PresenceState
  since: string
  until: string
  lasts: boolean
}
export interface Diary {
  agent: { id: number; name: string }
  day: string
  zone: string
  begins: string
  ends: string
  now: string
  presence: PresenceSpan[]
  rows: Deed[]
  more: boolean
  sums: { deeds: Record<string, number>; minutes: Partial<Record<PresenceState, number>>; cases: number }
}
export interface Duty {
  case_id: number
  subject: string | null
  channel: string
  customer: string | null
  due_at: string
  opens: boolean
}
export interface Tasks {
  agent: { id: number; name: string }
  now: string
  promises: Duty[]
  sleeping: Duty[]
  reminders: { open: number; due: number }
  retention: {
    id: number
    customer_id: number
    customer: string
    opened_at: string
    action: string
    reason: string
  }[]
}

/** Minutes as people say them: 40 min, 3 h 5 min. */
export function lasting(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes))
  const [hours, rest] = [Math.floor(whole / 60), whole % 60]
  if (!hours) return `${rest} min`
  return rest ? `${hours} h ${rest} min` : `${hours} h`
}

export const between = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000

/** A moment with how far away it is: 14:30, in 2h. */
export function momentAway(at: string, now: string): string {
  const away = Date.parse(at) - Date.parse(now)
  if (Math.abs(away) < 60_000) return moment(at)
  return `${moment(at)}, ${t(away < 0 ? 'duties.late' : 'duties.in', { time: span(Math.abs(away)) })}`
}

/** What a row says happened; who took a case by an offer accepted it. */
export const deedOf = (row: Deed): string =>
  t(`diary.deeds.${row.what === 'worked' && row.seconds !== null ? 'accepted' : row.what}`)

/** For how long a stint or a wrap-up lasted, or how long an offer stood. */
export function howLong(row: Deed): string {
  const parts = []
  if (row.seconds !== null) parts.push(t('diary.after_seconds', { n: Math.round(row.seconds) }))
  if (row.until) parts.push(lasting(between(row.at, row.until)))
  else if (row.what === 'worked') parts.push(t('diary.lasting'))
  return parts.join(', ')
}

/** Where a span stands on the ribbon of its day, in percent. */
export function place(span: PresenceSpan, begins: string, ends: string): { left: number; width: number } {
  const whole = between(begins, ends)
  return {
    left: (100 * between(begins, span.since)) / whole,
    width: (100 * between(span.since, span.until)) / whole,
  }
}

/** The day so many days away: 2026-03-01 and -1 is 2026-02-28. */
export const dayFrom = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
