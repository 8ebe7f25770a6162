// The conversation as this browser knows it: every message once, in the order of its sequence.
import type { Msg, Pending } from './types'

export interface Log {
  messages: Msg[]
  pending: Pending[]
}

export const empty = (): Log => ({ messages: [], pending: [] })

/** Takes messages in, whatever came before and however often; what was on its way and has arrived is done. */
export function merge(log: Log, more: readonly Msg[]): Log {
  const known = new Map(log.messages.map((message) => [message.sequence, message]))
  for (const message of more) known.set(message.sequence, message)
  const arrived = new Set(more.map((message) => message.client_id))
  return {
    messages: [...known.values()].sort((a, b) => a.sequence - b.sequence),
    pending: log.pending.filter((one) => !arrived.has(one.client_id)),
  }
}

/** Up to where the log has no gap; what comes after this is asked for. */
export function whole(log: Log): number {
  let last = 0
  for (const message of log.messages) {
    if (message.sequence !== last + 1) break
    last = message.sequence
  }
  return last
}

/** How many messages of others lie after the one read last. */
export const unread = (log: Log, read: number): number =>
  log.messages.filter((message) => message.sequence > read && message.from !== 'you').length
