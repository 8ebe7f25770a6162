// Messages as a thread shows them: each once, in the order of their positions.
import type { Message } from './types'

/** Joins what is here with what came; what came is newer. Coming twice or late changes nothing. */
export function mergeMessages(here: readonly Message[], came: readonly Message[]): Message[] {
  const byId = new Map(here.map((message) => [message.id, message]))
  for (const message of came) byId.set(message.id, message)
  return [...byId.values()].sort((a, b) => a.position - b.position || a.id - b.id)
}

/** What a list of messages shows between two that were sent on different days. */
export const startsDay = (
  message: Message,
  before: Message | undefined,
  dayOf: (at: string) => string,
): boolean => !before || dayOf(before.at) !== dayOf(message.at)
