// The nouns as the server speaks them (snake_case, times ISO 8601 in UTC).

import type { Customer } from './customer'
import type { CaseStatus, Money, Named, Tier } from './nouns'

export type ClockKind = 'first_response' | 'next_response' | 'resolution'

export type Role = 'agent' | 'manager' | 'admin' | 'auditor'
export type PresenceState = 'available' | 'away' | 'offline'
export type Priority = 'low' | 'normal' | 'high' | 'urgent'
/** The kinds of channel an answer can leave by. */
export type WayKind = 'email' | 'sms' | 'chat'
/** A note, or an answer by one kind of channel; of each there is a draft of its own. */
export type DraftKind = 'note' | WayKind

export interface Rows<T> {
  rows: T[]
  next: string | null
}

export interface Preferences {
  theme: 'system' | 'light' | 'dark'
  density: 'comfortable' | 'compact'
  single_keys: boolean
  sounds: boolean
  notifications: boolean
  signature: string
  hold_seconds: number
  time_zone: string
}

export interface Me {
  id: number
  name: string
  email: string
  role: Role
  permissions: string[]
  team_ids: number[]
  presence: { state: PresenceState; since: string }
  /** Whether a second factor guards the account. */
  totp: boolean
  preferences: Preferences
}

export interface Canned {
  id: number
  key: string
  title: string
  text: string
}

export interface CaseFilter {
  status?: string
  queue_id?: number
  assignee_id?: number
  tag?: string
  priority?: string
  category_id?: number
  billable?: boolean
  q?: string
}

export interface SavedView extends Named {
  shared: boolean
  filter: CaseFilter
}

export interface CustomField {
  key: string
  label: string
  kind: 'text' | 'number' | 'choice' | 'date' | 'yes_no'
  options: string[]
}

export interface Setup {
  queues: (Named & { pulled_by_me: boolean })[]
  agents: (Named & { presence: PresenceState })[]
  teams: Named[]
  categories: (Named & { parent_id: number | null })[]
  canned: Canned[]
  macros: Named[]
  views: SavedView[]
  channels: { id: number; kind: string; name: string; address: string }[]
  fields: CustomField[]
  tags: string[]
  resolution_reasons: string[]
}

export interface Counters {
  mine: number
  unassigned: number
  mentions: number
  snoozed: number
  all_open: number
  queues: Record<string, number>
  quarantine: number
}

export interface CaseRow {
  id: number
  subject: string
  name: string
  customer_id: number
  tier: Tier
  channel: string
  status: CaseStatus
  priority: Priority
  queue_id: number | null
  assignee_id: number | null
  preview: string
  unread: boolean
  draft: boolean
  /** Whether an answer waits for its time, or is held back. */
  scheduled?: 'waiting' | 'held_back' | null
  waiting_since: string | null
  last_at: string
  tags: string[]
  snoozed_until: string | null
  version: number
  /** When the first of its running clocks is due, or was; and from when it is due soon. */
  due_at?: string | null
  due_soon_at?: string | null
  due_clock?: ClockKind | null
  /** The work is not covered, or somebody said that it is billed. */
  billable?: boolean
}

export interface CaseLink {
  id: number
  kind: 'related' | 'follows' | 'duplicate'
  case_id: number
  subject: string
  status: CaseStatus
}

/** Whether the work on a case is covered by a warranty or a contract, and what persons said of it. */
export interface Cover {
  standing: 'unknown' | 'covered' | 'uncovered'
  sentence: string
  product: string
  product_by_hand: boolean
  entitlement: string | null
  until: string | null
  billed_by_hand: boolean | null
  overruled: boolean
  why: string
  agreed_at: string | null
  agreed_note: string
}

export interface Case extends CaseRow {
  category_id: number | null
  level: 1 | 2
  fields: Record<string, unknown>
  opened_at: string
  resolved_at: string | null
  resolution_reason: string | null
  follows_id: number | null
  merged_into_id: number | null
  watching: boolean
  watchers: number[]
  links: CaseLink[]
  cover?: Cover | null
  /** What its broken promises cost, a currency each. */
  penalties?: Money[]
  /** The clocks that run or rest, and have a target. */
  clocks?: {
    id: number
    kind: ClockKind
    phase: 'running' | 'paused'
    due_at: string | null
    missed_at: string | null
    flagged: boolean
  }[]
  routing: { at: string; sentence: string; reasons: string[] } | null
  can: string[]
}

export interface Stored {
  token: string
  name: string
  type: string
  size: number
  url: string
  inline?: boolean
}

export interface Mailbox {
  address: string
  name: string
}

export type DeliveryState =
  | 'held'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'uncertain'
  | 'failed'
  | 'bounced'

export interface Message {
  id: number
  position: number
  kind: 'inbound' | 'outbound' | 'note' | 'event'
  author: {
    kind: 'customer' | 'agent' | 'third_party' | 'system'
    name: string
    address: string | null
    agent_id: number | null
  }
  at: string
  text: string
  reply: string
  has_quote: boolean
  has_html: boolean
  files: Stored[]
  subject: string | null
  channel: string
  to: Mailbox[]
  cc: Mailbox[]
  state: DeliveryState | null
  state_sentence: string | null
  send_at: string | null
  recipients: { address: string; state: string; sentence: string }[]
  client_id: string | null
  threading: string | null
  suspicions: string[]
  verdict: 'pass' | 'fail' | 'none'
  verdict_source: string | null
  automatic: 'auto_reply' | 'bulk' | 'ourselves' | null
  mentions: number[]
  /** Its place in the visitor's chat, which counts only what the visitor may see. */
  sequence?: number | null
  /** A note of a supervisor to the agent who has the case. */
  whisper?: boolean
}

/** The live side of a case that came by chat. `read` is how far the visitor has read. */
export interface CaseChat {
  state: 'waiting' | 'live' | 'left' | 'ended'
  visitor: { here: boolean; seen_at: string; page: string | null; signed: boolean }
  fields: Record<string, string>
  read: number
  my_read: number
  sequence: number
  email: string | null
  score: number | null
  score_comment: string | null
  ended_by: 'visitor' | 'agent' | 'silence' | null
  wrap_up_until: string | null
}

export interface Draft {
  text: string
  files: Stored[]
  to?: string[]
  cc?: string[]
  saved_at?: string
}

export interface Person {
  agent_id: number
  name: string
  typing: boolean
}

/** An answer that leaves at a moment its agent chose, or is held back for `why`. */
export interface Scheduled {
  id: number
  case_id: number
  agent_id: number
  agent: string
  channel: WayKind
  client_id: string
  at: string
  held_at: string | null
  state: 'waiting' | 'held_back' | 'sent' | 'cancelled'
  why: string | null
  text: string
  to: string[]
  cc: string[]
  files: Stored[]
  template: TemplateUse | null
  then: 'resolve' | 'wait' | null
}

export interface CaseDetail {
  case: Case
  messages: Message[]
  older: boolean
  customer: Customer
  drafts: Record<DraftKind, Draft | null>
  scheduled?: Scheduled[]
  chat?: CaseChat | null
  people: Person[]
  position: number
}

/** One way to answer the customer: why it is offered, and what stands in its way if anything does. */
export interface Way {
  channel_id: number
  kind: WayKind
  channel: string
  to: Mailbox[]
  reason: string
  obstacle: string | null
  /** Only free words are in the way: an approved template may go. */
  by_template: boolean
}

/** A template of a WhatsApp number; `places` are the names of what is filled in. */
export interface TextTemplate {
  sid: string
  name: string
  language: string
  body: string
  status: string
  examples: Record<string, string>
  places: string[]
  approved: boolean
}
export interface TemplateUse {
  sid: string
  values: Record<string, string>
}

/** How a text would leave. Of one that begins a case: whether only their word is missing, and what to think of. */
export interface Foreseen {
  way: 'sms' | 'mms' | 'whatsapp'
  files: number
  counts_as: number
  obstacle: string | null
  asks_consent: boolean
  warning: string | null
  by_template: boolean
}

/** What a text costs: `places` of `room` are taken. `plain` says the same with usual signs, for less. */
export interface TextSegments {
  segments: number
  places: number
  room: number
  room_of_each: number
  rare_letters: string[]
  length: number
  longest: number
  too_long: boolean
  many: boolean
  plain: { text: string; segments: number } | null
  /** By which way it would go, and why it cannot; of a channel that was named. */
  goes: Foreseen | null
}

export interface Offer {
  id: number
  case: CaseRow
  customer_name: string
  tier: Tier
  queue: string
  waiting_since: string
  expires_at: string
  now: string
  sentence: string
}

export interface Change {
  position: number
  kind: string
  case_id?: number
  queue_id?: number | null
  agent_id?: number | null
  message_position?: number
  old_queue_id?: number | null
  old_assignee_id?: number | null
  /** The agent to whose ear a note goes. */
  whisper_to?: number
}

export interface HistoryRow {
  id: number
  at: string
  who: string
  sentence: string
  why: string | null
}

export interface Boot {
  me: Me
  csrf: string
  desk: { name: string }
  setup: Setup
  counters: Counters
  page: { view: string; rows: CaseRow[]; next: string | null } | null
  position: number
  /** False when this desk is no demonstration; nobody has to ask then. */
  demo?: boolean
}
