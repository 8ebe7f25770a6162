// What a promise of time looks like now: how much is left or how late it is, in words and in a tone.
import { span } from './format'
import { t } from './i18n'
import type { ClockKind } from './types'

export interface Due {
  at: string
  soon_at: string | null
  clock: ClockKind
}
export interface Shown {
  tone: '' | 'warn' | 'bad'
  state: 'runs' | 'soon' | 'late'
  /** For a narrow place: 12m, late 5m. */
  short: string
  /** The whole sentence: First reply due in 12m. */
  long: string
}

/** Late from the moment itself on; due soon from when a quarter of the target is left. */
export function shown(due: Due, now: number): Shown {
  const left = Date.parse(due.at) - now
  const state = left <= 0 ? 'late' : due.soon_at && Date.parse(due.soon_at) <= now ? 'soon' : 'runs'
  const told = {
    clock: t(`sla.clock.${due.clock}`),
    span: Math.abs(left) < 60_000 ? t('sla.under_a_minute') : span(Math.abs(left)),
  }
  return {
    tone: ({ late: 'bad', soon: 'warn', runs: '' } as const)[state],
    state,
    short: t(state === 'late' ? 'sla.late_short' : 'sla.left_short', told),
    long: t(state === 'late' ? 'sla.late' : 'sla.left', told),
  }
}

/** What a row or a case is due for; null while none of its clocks with a target runs. */
export const dueOf = (row: {
  due_at?: string | null
  due_soon_at?: string | null
  due_clock?: ClockKind | null
}): Due | null =>
  row.due_at && row.due_clock
    ? { at: row.due_at, soon_at: row.due_soon_at ?? null, clock: row.due_clock }
    : null

/** Working time as a person says it: 45 s, 15 min, 4 h, 2 d 6 h; days of 24 hours. */
export function worked(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return t('sla.seconds', { n: whole })
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'sla.days'],
    [Math.floor((whole % 86_400) / 3600), 'sla.hours'],
    [Math.floor((whole % 3600) / 60), 'sla.minutes'],
  ]
  return parts
    .filter(([n]) => n > 0)
    .slice(0, 2)
    .map(([n, unit]) => t(unit, { n }))
    .join(' ')
}
