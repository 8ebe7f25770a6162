// Times, money and sizes as a person reads them, in the person's own zone and language.

import type { Address } from './customer'
import { t } from './i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let zone: string | undefined

/** Sets the time zone every date is shown in; an unknown name leaves the browser's. */
export function useTimeZone(name: string | undefined): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name || undefined })
    zone = name || undefined
  } catch {
    zone = undefined
  }
}

/** The page's language, in the browser's regional form when it has one (en → en-GB). */
const language = (): string => {
  const page = document.documentElement.lang || 'en'
  return navigator.languages.find((one) => one === page || one.startsWith(`${page}-`)) ?? page
}
const show = (at: string | number, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(language(), { timeZone: zone, ...options }).format(new Date(at))

/** Time of day: 14:05. */
export const clock = (at: string | number): string =>
  show(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** Day: 24 Nov, with the year when it is not this one. */
export function day(at: string | number, now = Date.now()): string {
  const year = show(at, { year: 'numeric' }) === show(now, { year: 'numeric' }) ? undefined : 'numeric'
  return show(at, { day: 'numeric', month: 'short', year })
}

/** A day of a calendar (2026-03-02), which has no zone: the same for every reader. */
export const calendarDay = (iso: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(language(), { timeZone: 'UTC', ...options }).format(new Date(`${iso}T00:00Z`))

/** Time of day when it is today, day and time otherwise. */
export const moment = (at: string, now = Date.now()): string =>
  day(at) === day(now) ? clock(at) : `${day(at, now)}, ${clock(at)}`

/** The whole date, for tooltips and records. */
export const fullDate = (at: string): string => show(at, { dateStyle: 'full', timeStyle: 'short' })

/** Date and time to the second, the same in every language: 2026-11-24 14:05:09. */
export const stamp = (at: string): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
    new Date(at),
  )

/** A moment as a field for date and time has it, in the person's zone: 2026-03-02T14:30. */
export const wallTime = (at: Date): string => stamp(at.toISOString()).slice(0, 16).replace(' ', 'T')

/** The moment that such a field says, in the person's zone; null for none. */
export function instantOf(wall: string): Date | null {
  const shown = Date.parse(`${wall}Z`)
  if (Number.isNaN(shown)) return null
  const offset = (at: number): number =>
    Date.parse(`${stamp(new Date(at).toISOString()).replace(' ', 'T')}Z`) - at
  // Twice, as the clocks may change between the first guess and the moment itself.
  return new Date(shown - offset(shown - offset(shown)))
}

/** The zone that dates are shown in: Europe/Paris. */
export const zoneName = (): string => zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone

/** How long, in one unit: now, 9m, 3h, 12d. */
export function span(milliseconds: number): string {
  if (milliseconds < MINUTE) return t('time.now')
  if (milliseconds < HOUR) return t('time.minutes', { n: Math.floor(milliseconds / MINUTE) })
  if (milliseconds < DAY) return t('time.hours', { n: Math.floor(milliseconds / HOUR) })
  return t('time.days', { n: Math.floor(milliseconds / DAY) })
}

export const ago = (at: string, now: number): string => span(Math.max(0, now - Date.parse(at)))

/** When something was, within a sentence: just now, 9m ago. */
export const since = (at: string, now: number): string =>
  now - Date.parse(at) < MINUTE ? t('time.just_now') : t('time.ago', { span: ago(at, now) })

export function money(amount: number | string, currency: string, digits = 2): string {
  return new Intl.NumberFormat(language(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(Number(amount))
}

/** "da" → "Danish"; what is no language stays as it is. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(language(), { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}

export const number = (value: number): string => new Intl.NumberFormat(language()).format(value)

/** A counter that fits a narrow place: 10k, 1.2M. */
export const compact = (value: number): string =>
  new Intl.NumberFormat(language(), { notation: 'compact' }).format(value)

export function size(bytes: number): string {
  const units = ['kilobyte', 'megabyte', 'gigabyte']
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1))
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: units[step],
    maximumFractionDigits: step ? 1 : 0,
  }).format(Math.max(bytes ? 1 : 0, bytes / 1000 ** (step + 1)))
}

/** "Amara Okafor" → "AO". */
export function initials(name: string): string {
  const words = name
    .replace(/[^\p{L}\p{N}\s@.]/gu, '')
    .split(/[\s@.]+/)
    .filter(Boolean)
  const first = [...(words[0] ?? '?')][0] ?? '?'
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ''
  return (first + last).toLocaleUpperCase()
}

/** A steady number from 0 to 5 for a name, for its colour. */
export function hue(name: string): number {
  let sum = 7
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return sum % 6
}

/** An address as a person reads it: a browser's random number says nothing to anybody. */
export const addressText = (one: Pick<Address, 'kind' | 'value'>): string =>
  one.kind === 'visitor' ? t('customer.visitor') : one.value
