// What the visitor's line carries; docs/channels.md says what each means.
import type { Hit } from '@/lib/asking'

export interface Sent {
  name: string
  size: number
  type: string
  url: string
}

export interface Msg {
  sequence: number
  client_id?: string | null
  from: 'you' | 'agent' | 'desk'
  name: string
  text: string
  at: string
  files: Sent[]
}

export interface Chat {
  state: 'waiting' | 'live' | 'left' | 'ended'
  agent: { name: string } | null
  place: number | null
  wait: { seconds_low: number; seconds_high: number } | null
  read: number
  email: string | null
  score: number | null
  ended_by: 'visitor' | 'agent' | 'silence' | null
  leave_message: boolean
  /** How far this visitor has read, on whatever page. */
  seen?: number
}

export interface Boot {
  site: string
  sites: string[]
  title: string
  greeting: string
  colour: string
  offline_text: string
  /** Within the hours, and somebody there now. */
  open: boolean
  agents: boolean
  pre_chat: Partial<Record<'name' | 'email' | 'topic', 'asked' | 'required'>>
  help: boolean
  /** Those read most in the language of this browser. */
  articles: Hit[]
  locale: string
  limits: { text: number; file_bytes: number; files: number }
  /** Shown in the setup: nothing is asked of the server. */
  preview?: boolean
}

export interface Uploaded {
  token: string
  name: string
  size: number
  type: string
}

/** Something of ours on its way; `trouble` is a sentence when it was refused. */
export interface Pending {
  client_id: string
  text: string
  files: Uploaded[]
  fields?: Record<string, string>
  at: string
  trouble?: string
}
