// Proposals as the server tells them, and the few sums that a page makes of them.
import { money, number } from '@/lib/format'
import { t } from '@/lib/i18n'
import type { Cause } from './questions'

export type State = 'new' | 'accepted' | 'in_effect' | 'proven' | 'not_proven' | 'declined'
export const STATES: readonly State[] = ['new', 'accepted', 'in_effect', 'proven', 'not_proven', 'declined']
export const TONES: Record<State, string> = {
  new: 'accent',
  accepted: 'warn',
  in_effect: 'accent',
  proven: 'good',
  not_proven: 'plain',
  declined: 'plain',
}

export type Span = [number, number, number]
export interface Chart {
  first: string
  topic: number[]
  controls: number[]
  before: number
}
export interface Look {
  weeks: number
  read_on: string
  proven: boolean
  change: number | null
  low: number | null
  high: number | null
  why: string
  moved: string
  near: string[]
  controls: number
  chart: Chart
}
export interface Card {
  id: number
  kind: string
  rule: string
  state: State
  title: string
  topic_id: number
  topic: string
  contacts: number
  trend: number[]
  hours: Span
  money: Span | null
  currency: string | null
  confidence: number
  owner_id: number | null
  owner: string | null
  due_on: string | null
  in_effect_from: string | null
  reason: string | null
  article_id: number | null
  look: Look | null
}
export interface Sentence {
  text: string
  case_id: number
  also: number[]
}
export interface Draft {
  question: string
  phrasings: string[]
  share: number
  answers: number
  sentences: Sentence[]
  contradictions: { text: string; case_id: number; share: number; why: string }[]
  wording?: { by: string; sentences: { text: string; case_ids: number[] }[]; refused: string }
}
export interface Evidence {
  contacts: number
  weeks: number
  minutes: number
  missed: number
  repeats: number
  searches: number
  in_vain: number
  signals: { rule: string; why: string; fix: string }[]
  quotes: { case_id: number; text: string }[]
  article: { id: number; title: string } | null
  cause: Cause | null
  draft: Draft | null
  detectable: number | null
  like: { topic_id: number; title: string }[]
}
export interface Whole extends Card {
  evidence: Evidence
  looks: Look[]
  undo_id: number | null
  saving: {
    contacts: Span
    hours: Span
    formula: string
    weekly: number
    addressable: number
    effect: Span
    repeat_rate: number
    minutes: number
  }
  events: {
    id: number
    kind: string
    at: string
    by: string | null
    why: string | null
    taken_back: boolean
  }[]
}

/** Hours as a person says them: one digit below ten. */
export const hours = (value: number): string =>
  number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))

/** What the hours cost, where it is known what a minute costs. */
export const worth = (card: Pick<Card, 'money' | 'currency'>, at: 0 | 1 | 2): string =>
  card.money && card.currency ? money(card.money[at], card.currency, 0) : ''

export const percent = (share: number): string => `${number(Math.round(100 * share))} %`

/** A day of the calendar, which has no zone: as it is written there. */
export const calendar = (iso: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang || 'en', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${iso}T00:00Z`))

/** What was measured, in one sentence: so many percent fewer or more, between so and so many. */
export function measured(look: Look): string {
  if (look.change === null || look.low === null || look.high === null) return t('proposals.untold')
  const key = look.change >= 0 ? 'proposals.fewer' : 'proposals.more'
  return t(key, { change: percent(Math.abs(look.change)), low: percent(look.low), high: percent(look.high) })
}

/** What the formula promised of this effect, to stand beside what was measured: a share of all contacts. */
export const promised = (saving: Whole['saving']): string =>
  t('proposals.promised', {
    middle: percent(saving.addressable * saving.effect[1]),
    low: percent(saving.addressable * saving.effect[0]),
    high: percent(saving.addressable * saving.effect[2]),
  })

/** Points of a line in a box; 1 (as before) always lies inside. */
export function points(values: readonly number[], width: number, height: number, most: number): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0
  return values
    .map((value, at) => `${(at * step).toFixed(1)},${(height - (value / most) * height).toFixed(1)}`)
    .join(' ')
}
