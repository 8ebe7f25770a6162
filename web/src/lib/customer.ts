// A customer's face as the server speaks it.

import type { CaseStatus, Money, Named, Tier } from './nouns'

/** A warranty or a contract; an empty product is every product. Days are plain dates. */
export interface Entitlement {
  id: number
  external_id: string
  kind: 'warranty' | 'extended_warranty' | 'contract'
  product: string
  starts_on: string
  ends_on: string
  allowance: number | null
  used: number
  whole_organisation: boolean
  categories: string[]
}

export interface Address {
  id: number
  kind: 'email' | 'phone' | 'visitor' | 'external'
  value: string
  verified: boolean
  trouble: string | null
}

export interface Purchase {
  id: number
  order_number: string
  description: string
  amount: number | string
  currency: string
  status: string
  bought_at: string
}

/** What the last run of values made of a customer; money as it is written, in `currency`. */
export interface Worth {
  value: string
  low: string
  high: string
  currency: string
  recency: number
  frequency: number
  monetary: string
  r: number
  f: number
  m: number
  alive: number
  purchases: number
  /** They bought once: rate and amounts are the cohort's. */
  prior: boolean
  why: string
  risk: string | null
  run_id: number
  until: string
  horizon_weeks: number
}

export interface Customer {
  id: number
  name: string
  /** The name, or what they go by while it is not known; never empty as long as there is an address. */
  called: string
  /** Why the rest of the face is withheld here: nobody has proven to own the address yet. */
  closed?: string | null
  tier: Tier
  language: string
  time_zone: string
  organisation: Named | null
  tier_by_hand?: boolean
  worth?: Worth | null
  lifetime_value: Money | null
  last_12_months: Money | null
  created_at: string
  addresses: Address[]
  consent: { channel: string; granted: boolean; at: string; source: string }[]
  attributes: Record<string, unknown>
  entitlements: Entitlement[]
  purchases: Purchase[]
  purchases_total: number
  cases: { id: number; subject: string; status: CaseStatus; opened_at: string }[]
  cases_total: number
  proposals: { id: number; other: Named; sentence: string }[]
  merges: { id: number; other_name: string; at: string }[]
}
