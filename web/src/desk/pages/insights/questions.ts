// What the page knows of questions: figures of topics in a period, and how they changed.
import { languageName, money, number } from '@/lib/format'
import { t } from '@/lib/i18n'

export const MEASURES = ['questions', 'person', 'minutes', 'missed', 'repeat', 'risk', 'beyond'] as const
export type Measure = (typeof MEASURES)[number]

export interface Figures {
  questions: number
  person: number
  missed: number
  repeat: number
  minutes: number
  customers: number
  risk: number
}
export interface Compared extends Figures {
  before: Figures
}
export interface TopicRow extends Compared {
  id: number
  name: string
  area: string
  state: 'proposed' | 'active'
  trend: number[]
}
export interface Cause {
  kind: 'word' | 'product' | 'channel' | 'language' | 'tag'
  value: string
  share: number
  usual: number
  count: number
}
export interface Alert {
  id: number
  topic_id: number
  name: string
  began_on: string
  asked: number
  expected: number
  cause: Cause | null
  seen: boolean
}
export interface Run {
  finished_at: string | null
  problem: string | null
  questions: number
  topics: number
  progress: { step: 'reading' | 'grouping' | 'placing' | 'naming'; done: number; total: number } | null
}
/** What was read, whether much is not yet, what is needed before topics are looked for, and the last discovery. */
export interface Standing {
  questions: number
  behind: boolean
  needed: number
  run: Run | null
}
/** A topic that a person merged or said to be none, and the event by which that is taken back. */
export interface SetAside {
  id: number
  name: string
  merged_into: string | null
  event_id: number
  at: string
  agent_id: number | null
}
export interface Shown {
  since: string
  until: string
  days: string[]
  totals: Compared & { beyond: number; active_customers: number; active_customers_before: number }
  topics: TopicRow[]
  none: Compared
  set_aside: SetAside[]
  alerts: Alert[]
  languages: string[]
  currency: string | null
  /** What a minute of an agent costs; null where nobody said so. */
  minute_cost: number | null
  standing: Standing
}
export interface TopicEvent {
  id: number
  kind: string
  at: string
  agent_id: number | null
  other_id: number | null
  taken_back: boolean
}
export interface TopicDetail {
  id: number
  name: string
  area: string
  state: string
  words: string[]
  quotes: { case_id: number; text: string }[]
  level: { until: string; counts: number[]; expected: (number | null)[] } | null
  facets: { id: number; name: string }[]
  events: TopicEvent[]
}
export interface Behind {
  id: number
  case_id: number
  text: string
  asked_at: string
  subject: string
  status: string
  /** Of agents, for this question. */
  minutes?: number
}

/** A channel or a language by its name, anything else as it is written. */
const causeValue = ({ kind, value }: Pick<Cause, 'kind' | 'value'>): string =>
  kind === 'channel' ? t(`channel.${value}`) : kind === 'language' ? languageName(value) : value

/** What the newest contacts of a topic that rises share, as a sentence. */
export function causeTold(cause: Cause): string {
  const mostly = cause.kind === 'language' && cause.share > 0.5
  return t(`questions.cause.${mostly ? 'language_mostly' : cause.kind}`, {
    share: Math.round(100 * cause.share),
    usual: Math.round(100 * cause.usual),
    value: causeValue(cause),
  })
}

/** What the minutes of agents cost; nothing where nobody said what one costs. */
export const costOf = (minutes: number, shown: Pick<Shown, 'currency' | 'minute_cost'>): string =>
  shown.currency && shown.minute_cost ? money(minutes * shown.minute_cost, shown.currency, 0) : ''

/** By how many percent it changed; null where there was nothing to compare with. */
export const change = (now: number, before: number): number | null =>
  before > 0 ? Math.round((100 * (now - before)) / before) : null

/** In one sentence, where the desk is with finding topics. */
export function finding({ questions, needed, run }: Standing): string {
  if (run && !run.finished_at) {
    if (!run.progress) return t('questions.step.begin')
    const { step, done, total } = run.progress
    return t(`questions.step.${step}`, {
      n: number(total),
      percent: Math.round((100 * done) / Math.max(1, total)),
    })
  }
  if (run?.problem) return run.problem
  return t(questions < needed ? 'questions.empty_text' : 'questions.gathering', {
    n: number(questions),
    needed: number(needed),
  })
}

export const share = (part: number, of: number): number => (of > 0 ? part / of : 0)

const WHOLE = 100
const STEP = 5
const LEAST_SPAN = 10

/**
 * From which to which share, in whole percent, the colours of the map go: from the least of these topics to the
 * most, so that they can be told apart wherever the desk stands as a whole.
 */
export function heatRange(topics: readonly Pick<TopicRow, 'person' | 'questions'>[]): [number, number] {
  const shares = topics.filter((one) => one.questions).map((one) => WHOLE * share(one.person, one.questions))
  if (!shares.length) return [0, WHOLE]
  const high = Math.max(LEAST_SPAN, Math.ceil(Math.max(...shares) / STEP) * STEP)
  return [Math.min(Math.floor(Math.min(...shares) / STEP) * STEP, high - LEAST_SPAN), high]
}

export const signed = (percent: number): string =>
  `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`

/** More questions is worse; a little more or less is neither. */
export const tone = (percent: number | null): '' | 'good' | 'warn' | 'bad' =>
  percent === null || Math.abs(percent) < 5 ? '' : percent < 0 ? 'good' : percent < 50 ? 'warn' : 'bad'

/** The topics of each area, both the largest first; what is in none comes last. */
export function byArea(topics: readonly TopicRow[]): { area: string; topics: TopicRow[]; size: number }[] {
  const areas = new Map<string, TopicRow[]>()
  for (const topic of topics)
    if (topic.questions) areas.set(topic.area, [...(areas.get(topic.area) ?? []), topic])
  return [...areas]
    .map(([area, of]) => ({
      area,
      topics: of.sort((a, b) => b.questions - a.questions),
      size: of.reduce((sum, one) => sum + one.questions, 0),
    }))
    .sort((a, b) => b.size - a.size)
}

export const areaName = (area: string): string => area || t('questions.no_area')

export type Correction = 'rename' | 'area' | 'merge' | 'split'
