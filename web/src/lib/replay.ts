// What a batch of changes asks us to fetch. Changes carry ids only, may come twice and out of order.
import type { Change } from './types'

export interface Plan {
  position: number
  cases: Set<number>
  newMessages: Set<number>
  /** Who was whispered to, by case. */
  whispers: Map<number, number>
  list: boolean
  offers: boolean
  setup: boolean
  agents: Set<number>
}

/**
 * How far a screen is. A push may get lost while a later one arrives, so what was pushed makes nobody sure: only the
 * server's own list does, of everything up to its end.
 */
export class Heard {
  private readonly pushed = new Map<string, number>()

  constructor(public sure: number) {}

  /** Of these, what is not known yet; known from now on. */
  news(changes: readonly Change[]): Change[] {
    const found: Change[] = []
    for (const change of changes) {
      const key = `${change.position} ${change.kind} ${change.case_id ?? change.agent_id ?? ''}`
      if (change.position <= this.sure || this.pushed.has(key)) continue
      this.pushed.set(key, change.position)
      found.push(change)
    }
    return found
  }

  /** The server has told everything up to here. */
  upTo(position: number): void {
    this.sure = Math.max(this.sure, position)
    for (const [key, at] of this.pushed) if (at <= this.sure) this.pushed.delete(key)
  }
}

const LIST_KINDS = ['case_opened', 'case_changed', 'message_added']

/** Only changes after `since` count; the plan's position never goes back. */
export function plan(since: number, changes: readonly Change[]): Plan {
  const found: Plan = {
    position: since,
    cases: new Set(),
    newMessages: new Set(),
    whispers: new Map(),
    list: false,
    offers: false,
    setup: false,
    agents: new Set(),
  }
  for (const change of changes) {
    if (change.position <= since) continue
    found.position = Math.max(found.position, change.position)
    if (change.case_id) found.cases.add(change.case_id)
    if (change.case_id && change.kind === 'message_added') found.newMessages.add(change.case_id)
    if (change.case_id && change.whisper_to) found.whispers.set(change.case_id, change.whisper_to)
    if (change.agent_id && change.kind === 'agent_changed') found.agents.add(change.agent_id)
    found.list ||= LIST_KINDS.includes(change.kind)
    found.offers ||= change.kind.startsWith('offer')
    found.setup ||= ['setup_changed', 'agent_changed', 'channel_changed'].includes(change.kind)
  }
  return found
}
