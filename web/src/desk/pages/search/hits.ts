// What a search finds in messages: the text around each hit, in parts.
export interface MessageHit {
  case_id: number
  message_id: number
  position: number
  at: string
  author: string
  subject: string
  snippet: { text: string; hit: boolean }[]
}
