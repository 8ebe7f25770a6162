// What the scorecard is made of, as the server writes it, and its figures as a person reads and types them.
import { worked } from '@/lib/due'
import { day, money, number } from '@/lib/format'
import { addTexts, t } from '@/lib/i18n'
import narrowing from '@/locales/en.narrowing.json'
import texts from '@/locales/en.scorecard.json'

addTexts(narrowing)
addTexts(texts)

export const GROUPS = ['customers', 'process', 'people', 'finance'] as const
export type Group = (typeof GROUPS)[number]
export const RHYTHMS = ['weekly', 'monthly', 'quarterly'] as const
export type Unit = 'share' | 'seconds' | 'cases' | 'number' | 'money'
export type Narrows = 'queue' | 'channel' | 'tier'
export type Rhythm = (typeof RHYTHMS)[number]

export interface Definition {
  metric: string
  group: Group
  title: string
  formula: string
  definition: string
  source: string
  unit: Unit
  more_is_better: boolean
  narrows: Narrows[]
  has_cases: boolean
}
export interface Goal {
  target: number | null
  owner_id: number | null
  owner: string | null
  rhythm: Rhythm
  at: string
  by: string | null
}
export interface Row extends Definition {
  narrowed: boolean
  value: number | null
  count: number
  few: boolean
  target: number | null
  verdict: 'met' | 'near' | 'missed' | 'none'
  trend: (number | null)[]
  course: 'better' | 'worse' | 'steady' | 'unknown'
  goal: Goal | null
}
export interface Scorecard {
  first: string
  last: string
  weeks: string[]
  currency: string | null
  rows: Row[]
}

/** A day of the desk's calendar, which is the same day wherever it is read. */
export const calendarDay = (date: string): string => day(`${date}T12:00:00Z`)

/** By what a metric can be narrowed, in a sentence. */
export function narrowed(by: readonly Narrows[]): string {
  const names = by.map((one) => t(`narrowing.${one === 'queue' ? 'queue_id' : one}`).toLocaleLowerCase())
  return names.length ? t('scorecard.narrows', { names: names.join(', ') }) : t('scorecard.narrows_none')
}

/** A figure in the unit of its metric: 83.3 %, 2 h 5 min, 12, € 800. */
export function figure(value: number, unit: Unit, currency: string | null): string {
  if (unit === 'share') return `${number(Math.round(value * 1000) / 10)} %`
  if (unit === 'seconds') return worked(value)
  if (unit === 'money' && currency) return money(value, currency, Math.abs(value) < 100 ? 2 : 0)
  return number(Math.round(value * 100) / 100)
}

/** How many of the unit are one of what a person types: percent, minutes. */
const typed = (unit: Unit): number => (unit === 'share' ? 0.01 : unit === 'seconds' ? 60 : 1)

/** A target as it stands in its field; empty where there is none. */
export const toField = (target: number | null, unit: Unit): string =>
  target === null ? '' : String(Number((target / typed(unit)).toFixed(4)))

/** What was typed, in the unit; null for nothing, undefined for what is no number from 0 on. */
export function fromField(text: string, unit: Unit): number | null | undefined {
  const said = text.trim().replace(',', '.')
  if (!said) return null
  const value = Number(said)
  return Number.isFinite(value) && value >= 0 ? Number((value * typed(unit)).toFixed(8)) : undefined
}

/** The lines of a trend in a box: one for each run of weeks that have a figure; up is more. */
export function lines(
  trend: readonly (number | null)[],
  width: number,
  height: number,
  target: number | null = null,
) {
  const known = trend.filter((value) => value !== null)
  const all = target === null ? known : [...known, target]
  const low = Math.min(...all)
  const span = Math.max(...all) - low
  const x = (at: number): number => Math.round((at / Math.max(1, trend.length - 1)) * width * 10) / 10
  const y = (value: number): number =>
    Math.round((height - (span ? (value - low) / span : 0.5) * height) * 10) / 10
  const runs: { x: number; y: number }[][] = []
  trend.forEach((value, at) => {
    if (value === null) return
    const point = { x: x(at), y: y(value) }
    if (at && trend[at - 1] !== null) runs.at(-1)?.push(point)
    else runs.push([point])
  })
  return { runs, target: target === null || !known.length ? null : y(target) }
}
