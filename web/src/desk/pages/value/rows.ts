// What the pages of values are made of, as the server writes it.
import type { Tier } from '@/lib/nouns'

export interface RetentionTask {
  id: number
  customer_id: number
  customer: string
  tier: Tier
  opened_at: string
  reason: string
  action: 'call' | 'coupon' | 'letter'
  worth: string
  currency: string
  agent_id: number | null
  agent: string | null
  closed_at: string | null
  outcome: string | null
  note: string
  cost: string | null
  spent_since: string
}

export interface ValueRow {
  customer_id: number
  customer: string
  tier: Tier
  tier_by_hand: boolean
  value: string
  low: string
  high: string
  alive: number
  prior: boolean
  recency: number
  frequency: number
  habit: string | null
  lately: string | null
  spends_less: boolean
  fell_silent: boolean
}

export interface TierTotal {
  tier: Tier
  customers: number
  value: string
  leaving: number
  at_risk: string
}

export interface Values {
  run: {
    id: number
    finished_at: string
    until: string
    currency: string
    customers: number
    cuts: Record<string, number>
    remarks: string[]
    policy: { horizon_weeks: number }
  } | null
  waiting: boolean
  tiers: TierTotal[]
}
