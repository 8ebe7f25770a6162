import { describe, expect, it } from 'vitest'
import { applied, type CaseChange, callsFor, fitsBulk, inverse } from './change'
import type { CaseRow } from './types'

const ROW: CaseRow = {
  id: 7,
  subject: 'Parcel',
  name: 'Cleo',
  customer_id: 1,
  tier: 'gold',
  channel: 'email',
  status: 'open',
  priority: 'normal',
  queue_id: 2,
  assignee_id: null,
  preview: '',
  unread: false,
  draft: false,
  waiting_since: null,
  last_at: '2026-01-01T00:00:00Z',
  tags: ['refund'],
  snoozed_until: null,
  version: 1,
}
const SNOOZED: CaseRow = { ...ROW, status: 'snoozed', snoozed_until: '2026-02-01T09:00:00Z' }

const CHANGES: [string, CaseRow, CaseChange][] = [
  ['assigning', ROW, { assignee_id: 3 }],
  ['resolving', ROW, { status: 'resolved', reason: 'Solved' }],
  ['resolving while on hold', { ...ROW, status: 'on_hold' }, { status: 'resolved' }],
  ['snoozing', ROW, { snoozed_until: '2026-01-02T09:00:00Z' }],
  ['waking', SNOOZED, { snoozed_until: null }],
  ['resolving while snoozed', SNOOZED, { status: 'resolved' }],
  ['prioritising', ROW, { priority: 'urgent' }],
  ['moving', ROW, { queue_id: 4 }],
  ['tagging', ROW, { add_tags: ['vip', 'refund'] }],
  ['untagging', ROW, { remove_tags: ['refund', 'unknown'] }],
]

describe('a change', () => {
  it.each(CHANGES)('undone after %s leaves the case as it was', (_, row, change) => {
    const after = { ...row, ...applied(row, change) }
    const back = { ...after, ...applied(after, inverse(row, change)) }
    for (const key of ['status', 'assignee_id', 'priority', 'queue_id', 'tags', 'snoozed_until'] as const) {
      expect(back[key], key).toEqual(row[key])
    }
  })

  it('that adds a known tag does not remove it when undone', () => {
    expect(inverse(ROW, { add_tags: ['refund'] })).toEqual({})
  })

  it('goes by the noun it changes', () => {
    const paths = (row: CaseRow, change: CaseChange) =>
      callsFor(row, change).map((call) => `${call.method} ${call.path}`)
    expect(paths(ROW, { assignee_id: 3 })).toEqual(['PUT /cases/7/assignee'])
    expect(paths(ROW, { status: 'resolved' })).toEqual(['PUT /cases/7/resolution'])
    expect(paths({ ...ROW, status: 'resolved' }, { status: 'open' })).toEqual(['DELETE /cases/7/resolution'])
    expect(paths({ ...ROW, status: 'on_hold' }, { status: 'open' })).toEqual(['DELETE /cases/7/hold'])
    expect(paths(SNOOZED, { snoozed_until: null })).toEqual(['DELETE /cases/7/snooze'])
    expect(paths(ROW, { add_tags: ['vip'], priority: 'high' })).toEqual(['PATCH /cases/7'])
  })

  it('sends all tags of one case', () => {
    expect(callsFor(ROW, { add_tags: ['vip'] })[0]?.body).toEqual({ tags: ['refund', 'vip'] })
  })

  it('knows what the bulk door does not take', () => {
    expect(fitsBulk({ assignee_id: 1 })).toBe(true)
    expect(fitsBulk({ status: 'waiting' })).toBe(false)
    expect(fitsBulk({ category_id: 1 })).toBe(false)
  })
})
