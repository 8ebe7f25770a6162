// Coaching as the server writes it, and its figures as a person reads them.
import { worked } from '@/lib/due'
import { number } from '@/lib/format'
import { t } from '@/lib/i18n'

export const MEASURES = ['resolution', 'handling', 'reopened', 'satisfied'] as const
export type Measure = (typeof MEASURES)[number]

export interface Told {
  few: false
  cases: number
  peers: number
  mine: number
  theirs: number
  difference: number
  low: number
  high: number
  stands_out: boolean
  better: boolean
}
export type Beside = Told | { few: true; cases: number } | null
export type Row = { topic_id: number | null; topic: string | null; cases: number } & Record<Measure, Beside>
export interface Entry {
  id: number
  kind: 'note' | 'goal' | 'answer'
  text: string
  at: string
  author_id: number
  author: string
  case_id: number | null
  topic_id: number | null
  answers_id: number | null
  due_on: string | null
  outcome: 'reached' | 'dropped' | null
  ended_at: string | null
}
export interface Coaching {
  agent: { id: number; name: string }
  since: string
  until: string
  may_coach: boolean
  looks: number
  rows: Row[]
  entries: Entry[]
}
export interface Drawn {
  case_id: number
  subject: string
  resolved_at: string
  topic: string
  tier: string
  channel: string
}

export const isDuration = (measure: Measure): boolean => measure === 'resolution' || measure === 'handling'
const percent = (share: number, digits = 0): string => number(Number((share * 100).toFixed(digits)))

/** A figure of a measure: 4 h 6 min, or 12.4 %. */
export const figure = (value: number, measure: Measure): string =>
  isDuration(measure) ? worked(value) : `${percent(value, 1)} %`

/** How far apart, in words: 18 % longer (4 to 33 %), 3 points more often (-1 to 7 points). */
export function apart(told: Told, measure: Measure): string {
  const less = told.difference < 0
  const [low, high] = less ? [-told.high, -told.low] : [told.low, told.high]
  const kind = isDuration(measure) ? 'duration' : 'share'
  // As finely as the shares beside it, or 3 % and 2 % would be no point apart.
  const digits = kind === 'share' ? 1 : 0
  const said = {
    n: percent(Math.abs(told.difference), digits),
    low: percent(low, digits),
    high: percent(high, digits),
  }
  return t(`coaching.apart.${kind}_${less ? 'less' : 'more'}`, said)
}

/** Talks as they went: each entry with its answers, the latest talk first and answers in their order. */
export function talks(entries: readonly Entry[]): { entry: Entry; answers: Entry[] }[] {
  const root = (one: Entry): number => {
    const asked = one.answers_id === null ? undefined : entries.find((other) => other.id === one.answers_id)
    return asked ? root(asked) : one.id
  }
  return entries
    .filter((one) => root(one) === one.id)
    .map((entry) => ({
      entry,
      answers: entries.filter((one) => one.id !== entry.id && root(one) === entry.id).reverse(),
    }))
}
