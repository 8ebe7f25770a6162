// What a routing policy is made of, and how its fields are grouped on the page.
import { reactive } from 'vue'
import { t } from '@/lib/i18n'

export type Tier = 'bronze' | 'silver' | 'gold' | 'platinum'
export type PriorityName = 'low' | 'normal' | 'high' | 'urgent'
export type ChannelName = 'email' | 'chat' | 'sms' | 'form' | 'api'

export const TIERS: readonly Tier[] = ['bronze', 'silver', 'gold', 'platinum']
export const PRIORITIES: readonly PriorityName[] = ['low', 'normal', 'high', 'urgent']
export const CHANNELS: readonly ChannelName[] = ['email', 'chat', 'sms', 'form', 'api']
export const ORDERS = ['value_due_date', 'priority'] as const
export const AGENT_ORDERS = ['best_fit', 'longest_idle', 'round_robin', 'least_busy'] as const
export const VALUES = ['own', 'tier', 'none'] as const
/** The words of a channel, and of looking ahead, that have a field. */
export const RULES = ['lead_minutes', 'target_minutes', 'units', 'asks', 'kept_minutes'] as const
export const AHEAD = ['reserve', 'match_quantile', 'hold_share', 'horizon_minutes'] as const

export interface ChannelRule {
  lead_minutes: number
  target_minutes: number
  units: number
  asks: number
  kept_minutes: number
  [word: string]: unknown
}

export interface LookAhead {
  hold_share: number
  reserve: number
  horizon_minutes: number
  match_quantile: number
  [word: string]: unknown
}

/** The words of a policy that this page has fields for; the others go along as they are. */
export interface PolicyBody {
  name: string
  order: (typeof ORDERS)[number]
  value_by: (typeof VALUES)[number]
  agents: (typeof AGENT_ORDERS)[number]
  channels: Record<string, ChannelRule>
  tier_values: Record<string, number>
  most_tier_minutes: Record<string, number>
  tier_points: Record<string, number>
  priority_minutes: Record<string, number>
  overdue_factor: number
  capacity: number
  rest_minutes: number
  packing?: number
  learnt_speeds?: boolean
  look_ahead: LookAhead | null
  [word: string]: unknown
}

export interface Version {
  version: number
  state: 'draft' | 'active' | 'retired'
  note: string
  body: PolicyBody
  created_at: string | null
  created_by: string | null
  based_on: number | null
  activated_at: string | null
  activated_by: string | null
}

interface CaseNamed {
  case_id: number
  subject: string
}

export interface Trial {
  waiting: number
  left_out: number
  lines: {
    queue: string
    channel: string
    waiting: number
    next: CaseNamed
    next_then: CaseNamed
    held: number
    held_then: number
  }[]
  moved: (CaseNamed & { place: number; place_then: number })[]
  in_force: { offers: number; agents: number }
  tried: { offers: number; agents: number }
}

/** What the look-ahead is set to when it is switched on. */
export const LOOKING_AHEAD: LookAhead = {
  hold_share: 0.5,
  reserve: 1.5,
  horizon_minutes: 4,
  match_quantile: 0,
  empty_reserve: 0,
  sweep_minutes: 2,
}

/** Typed in drafts and not saved, by version; kept while one looks at others. */
export const unsaved = reactive(new Map<number, { body: PolicyBody; note: string }>())

export const copyOf = (body: PolicyBody): PolicyBody => JSON.parse(JSON.stringify(body)) as PolicyBody
export const isSame = (one: PolicyBody, other: PolicyBody): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** A field that the server refuses, as the page names it; null for what stands in the JSON alone. */
export function labelOf(field: string): string | null {
  const [group = '', one = '', word = ''] = field.split('.')
  if (['overdue_factor', 'capacity', 'rest_minutes', 'packing'].includes(field)) return t(`routing.${field}`)
  const tier = { tier_values: 'worth', most_tier_minutes: 'most', tier_points: 'points' }[group]
  if (tier && TIERS.includes(one as Tier)) return `${t(`tier.${one}`)}: ${t(`routing.${tier}`)}`
  if (group === 'priority_minutes' && PRIORITIES.includes(one as PriorityName)) return t(`priority.${one}`)
  if (group === 'look_ahead' && AHEAD.includes(one as never)) return t(`routing.ahead.${one}`)
  if (group === 'channels' && CHANNELS.includes(one as ChannelName) && RULES.includes(word as never))
    return `${t(`channel.${one}`)}: ${t(`routing.channel.${word}`)}`
  return null
}

/** What the server says of a field, with the name that the page gives it. */
export function inWords(sentence: string, field: string | null): string {
  const label = field && labelOf(field)
  return label ? sentence.replace(`“${field}”`, `“${label}”`) : sentence
}

/** By how many minutes a tier moves a case of a channel: what the two numbers of a tier come to. */
export function leadOf(body: PolicyBody, channel: string, tier: Tier): number {
  const rule = body.channels[channel]
  if (!rule || body.value_by === 'none') return 0
  const most = body.most_tier_minutes[tier] ?? 240
  const lead = rule.lead_minutes * Math.log(Math.max(0.001, body.tier_values[tier] ?? 1))
  return Math.max(-most, Math.min(most, lead))
}
