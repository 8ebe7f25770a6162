// What became of the desk's own days under another policy.
import type { Tier } from './policy'

/** A mean, and how far the truth may be from it; `half` is null where one day tells of no spread. */
export interface Figure {
  mean: number
  half: number | null
}

export interface Change {
  before: Figure | null
  after: Figure | null
  difference: Figure | null
}

export interface ReplayResult {
  days: number
  contacts: number
  cost: { before: Figure | null; after: Figure | null; ratio: Figure }
  kept: { before: number; after: number }
  unanswered: { before: number; after: number }
  raised?: { before: number; after: number } | null
  tiers: { tier: Tier; wait: Change; in_time: Change; left: Change }[]
  agents: { name: string; before: Figure | null; after: Figure | null }[]
  words: string[]
  read: {
    measured: number
    capped: number
    assumed: number
    left_out: Record<string, number>
    rules?: string[]
  }
}

export interface Replay {
  id: number
  first: string
  last: string
  in_force: number
  tried: number
  done: number
  total: number
  finished_at: string | null
  problem: string | null
  result: ReplayResult | null
}

/** So many whole days up to yesterday: the first and the last, as a date field has them. */
export function lastDays(count: number, now = new Date()): [string, string] {
  const day = (back: number): string => {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back, 12)
    return [at.getFullYear(), at.getMonth() + 1, at.getDate()]
      .map((one) => String(one).padStart(2, '0'))
      .join('-')
  }
  return [day(count), day(1)]
}

const counted = (of: { before: number; after: number }): Partial<Change> => ({
  before: { mean: of.before, half: null },
  after: { mean: of.after, half: null },
})

/** Every figure as a row: of whom, what, before and after with their intervals. */
export function asRows(one: Replay): (string | number | null)[][] {
  const head = [
    'of',
    'figure',
    'before',
    'before_half',
    'after',
    'after_half',
    'difference',
    'difference_half',
  ]
  if (!one.result) return [head]
  const row = (of: string, figure: string, change: Partial<Change>): (string | number | null)[] => [
    of,
    figure,
    ...[change.before, change.after, change.difference].flatMap((part) => [
      part?.mean ?? null,
      part?.half ?? null,
    ]),
  ]
  return [
    head,
    row('all', 'cost a day', one.result.cost),
    row('all', 'answers in time', counted(one.result.kept)),
    ...(one.result.raised ? [row('all', 'raised to the second level', counted(one.result.raised))] : []),
    ...one.result.tiers.flatMap((tier) => [
      row(tier.tier, 'wait in minutes', tier.wait),
      row(tier.tier, 'share in time', tier.in_time),
      row(tier.tier, 'share that left', tier.left),
    ]),
    ...one.result.agents.map((agent) => row(agent.name, 'load', agent)),
  ]
}
