// Proactive messages as the server tells them.
export type MessageState = 'draft' | 'running' | 'stopped'
export const TONES = { draft: 'plain', running: 'good', stopped: 'plain' } as const
export const WAYS = ['email', 'sms'] as const
export const KINDS = ['bought', 'late_order', 'awaiting'] as const

export interface MessageCard {
  id: number
  proposal_id: number
  topic: string
  subject: string
  way: (typeof WAYS)[number]
  state: MessageState
  held_percent: number
  within_days: number
  started_at: string | null
  stopped_at: string | null
  told: number
  held: number
  sent: number
  not_sent: number
  segments: number
}
export interface Segment {
  kind: (typeof KINDS)[number]
  words: string
  statuses: string[]
  older_than_days: number
  younger_than_days: number
  silent_days: number
}
export interface Wording {
  language: string
  subject: string
  text: string
}
export interface Message extends MessageCard {
  segment: Segment
  cost: { amount: number; currency: string } | null
  texts: Wording[]
  quiet_from: number
  quiet_until: number
  once_in_days: number
  placeholders: string[]
  statuses: string[]
  effect: {
    told: number
    held: number
    contacted_told: number | null
    contacted_held: number | null
    spared_points: number | null
    low: number | null
    high: number | null
    verdict: 'proven' | 'not_proven' | 'harmful' | 'too_few'
  }
}
export const REASONS = ['no_address', 'no_consent', 'told_lately', 'asked_already', 'lacks'] as const
/** What is said of a reason where it goes by text. */
export const TEXT_REASONS: Partial<Record<(typeof REASONS)[number], string>> = {
  no_address: 'no_number',
  no_consent: 'no_texts',
}
export type Reach = {
  concerned: number
  may: number
  who: { id: number; name: string; about: string }[]
} & Record<(typeof REASONS)[number], number>
