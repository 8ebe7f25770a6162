// Small words that every screen knows.

export type CaseStatus = 'open' | 'waiting' | 'on_hold' | 'snoozed' | 'resolved' | 'closed'

export type Tier = 'bronze' | 'silver' | 'gold' | 'platinum'

export interface Named {
  id: number
  name: string
}

export interface Money {
  amount: number | string
  currency: string
}
