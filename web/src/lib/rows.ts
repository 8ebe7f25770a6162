// Rows of cases: cut from what the server sent, and gathered.
import type { CaseRow } from './types'

const ROW_KEYS = [
  'id',
  'subject',
  'name',
  'customer_id',
  'tier',
  'channel',
  'status',
  'priority',
  'queue_id',
  'assignee_id',
  'preview',
  'unread',
  'draft',
  'scheduled',
  'waiting_since',
  'last_at',
  'tags',
  'snoozed_until',
  'version',
  'due_at',
  'due_soon_at',
  'due_clock',
  'billable',
] as const

/** The part of a case a list shows. */
export const pickRow = (fresh: CaseRow): CaseRow =>
  Object.fromEntries(ROW_KEYS.map((key) => [key, fresh[key]])) as unknown as CaseRow

/** Rows gathered by equal result, so that undoing many cases takes few calls. */
export function grouped<R extends { id: number }, V>(all: R[], value: (row: R) => V): [V, number[]][] {
  const groups = new Map<string, [V, number[]]>()
  for (const row of all) {
    const result = value(row)
    const key = JSON.stringify(result)
    groups.set(key, [result, [...(groups.get(key)?.[1] ?? []), row.id]])
  }
  return [...groups.values()]
}
