// A change to one or many cases as plain data: what it does to a row, how it is undone, which call carries it.
import type { CaseStatus } from './nouns'
import type { Case, CaseRow, Priority } from './types'

export interface CaseChange {
  assignee_id?: number | null
  status?: Extract<CaseStatus, 'open' | 'waiting' | 'on_hold' | 'resolved'>
  reason?: string
  snoozed_until?: string | null
  priority?: Priority
  queue_id?: number | null
  category_id?: number | null
  level?: 1 | 2
  subject?: string
  fields?: Record<string, unknown>
  add_tags?: string[]
  remove_tags?: string[]
}

type Known = CaseRow & Partial<Case>

/** What the case will look like: shown at once, before the server has answered. */
export function applied(row: Known, change: CaseChange): Partial<Case> {
  const { add_tags, remove_tags, reason, snoozed_until, status, ...plain } = change
  const after: Partial<Case> = { ...plain }
  if (add_tags || remove_tags) {
    const kept = row.tags.filter((tag) => !remove_tags?.includes(tag))
    after.tags = [...kept, ...(add_tags ?? []).filter((tag) => !kept.includes(tag))]
  }
  if (status) Object.assign(after, { status, snoozed_until: null })
  if (status === 'resolved') after.resolution_reason = reason ?? null
  if (snoozed_until !== undefined) {
    Object.assign(after, { snoozed_until, status: snoozed_until ? 'snoozed' : 'open' })
  }
  return after
}

/** The change that takes `change` back, seen from the row as it was before. */
export function inverse(row: Known, change: CaseChange): CaseChange {
  const back: CaseChange = {}
  if (change.assignee_id !== undefined) back.assignee_id = row.assignee_id
  if (change.priority) back.priority = row.priority
  if (change.queue_id !== undefined) back.queue_id = row.queue_id
  if (change.category_id !== undefined) back.category_id = row.category_id ?? null
  if (change.level) back.level = row.level ?? 1
  if (change.subject !== undefined) back.subject = row.subject
  if (change.fields) back.fields = row.fields ?? {}
  const added = change.add_tags?.filter((tag) => !row.tags.includes(tag))
  const removed = change.remove_tags?.filter((tag) => row.tags.includes(tag))
  if (added?.length) back.remove_tags = added
  if (removed?.length) back.add_tags = removed
  if (change.status || change.snoozed_until !== undefined) Object.assign(back, formerState(row))
  return back
}

function formerState(row: Known): CaseChange {
  if (row.status === 'snoozed') return { snoozed_until: row.snoozed_until }
  if (row.status === 'closed') return { status: 'resolved' }
  return { status: row.status, ...(row.resolution_reason ? { reason: row.resolution_reason } : {}) }
}

export interface Call {
  method: 'PUT' | 'DELETE' | 'PATCH'
  path: string
  body?: unknown
}

/** The calls that carry a change to one case which is `now` in this state. */
export function callsFor(now: Known, change: CaseChange): Call[] {
  const base = `/cases/${now.id}`
  const calls: Call[] = []
  const { assignee_id, status, reason, snoozed_until, add_tags, remove_tags, ...plain } = change
  if (assignee_id !== undefined) {
    calls.push({ method: 'PUT', path: `${base}/assignee`, body: { agent_id: assignee_id } })
  }
  if (status) calls.push(statusCall(now, status, reason))
  if (snoozed_until) calls.push({ method: 'PUT', path: `${base}/snooze`, body: { until: snoozed_until } })
  if (snoozed_until === null) calls.push({ method: 'DELETE', path: `${base}/snooze` })
  const fields: Record<string, unknown> = { ...plain }
  if (add_tags || remove_tags) fields.tags = applied(now, { add_tags, remove_tags }).tags
  if (Object.keys(fields).length) calls.push({ method: 'PATCH', path: base, body: fields })
  return calls
}

function statusCall(now: Known, status: NonNullable<CaseChange['status']>, reason?: string): Call {
  const base = `/cases/${now.id}`
  if (status === 'resolved') return { method: 'PUT', path: `${base}/resolution`, body: { reason } }
  if (status === 'on_hold') return { method: 'PUT', path: `${base}/hold`, body: {} }
  if (status === 'waiting') return { method: 'PUT', path: `${base}/waiting`, body: {} }
  if (now.status === 'on_hold') return { method: 'DELETE', path: `${base}/hold` }
  if (now.status === 'snoozed') return { method: 'DELETE', path: `${base}/snooze` }
  return { method: 'DELETE', path: `${base}/resolution` }
}

/** Changes the bulk door takes; the others go case by case. */
export const fitsBulk = (change: CaseChange): boolean =>
  change.status !== 'waiting' && !['category_id', 'level', 'subject', 'fields'].some((name) => name in change)
