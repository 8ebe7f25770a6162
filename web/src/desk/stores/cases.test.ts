import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Case, CaseDetail, CaseRow, Message } from '@/lib/types'
import { useCases } from './cases'
import { useList } from './list'
import { useToasts } from './toasts'

const row = (id: number, more: Partial<CaseRow> = {}): CaseRow => ({
  id,
  subject: `Case ${id}`,
  name: 'Cleo',
  customer_id: 1,
  tier: 'gold',
  channel: 'email',
  status: 'open',
  priority: 'normal',
  queue_id: 1,
  assignee_id: null,
  preview: '',
  unread: false,
  draft: false,
  waiting_since: null,
  last_at: '2026-01-01T00:00:00Z',
  tags: [],
  snoozed_until: null,
  version: 1,
  ...more,
})

interface Asked {
  method: string
  path: string
  body: unknown
}

describe('the stores', () => {
  let asked: Asked[] = []
  let answer: (call: Asked) => { status: number; body: unknown }

  beforeEach(() => {
    vi.useFakeTimers()
    setActivePinia(createPinia())
    asked = []
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const call = {
        method: init.method!,
        path: path.replace('/api/v1', ''),
        body: init.body && JSON.parse(String(init.body)),
      }
      asked.push(call)
      const { status, body } = answer(call)
      return new Response(JSON.stringify(body), { status })
    })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('show a change before the server has answered', () => {
    const cases = useCases()
    cases.absorb(row(1))
    answer = () => ({ status: 200, body: row(1, { assignee_id: 3, version: 2 }) })
    void cases.change([1], { assignee_id: 3 })
    expect(cases.rows.get(1)?.assignee_id).toBe(3)
  })

  it('restore what the server refuses, and say why', async () => {
    const cases = useCases()
    cases.absorb(row(1))
    answer = () => ({ status: 403, body: { error: { kind: 'forbidden', sentence: 'Not yours.' } } })
    await cases.change([1], { priority: 'urgent' })
    expect(cases.rows.get(1)?.priority).toBe('normal')
    expect(useToasts().list.at(-1)?.text).toContain('Not yours.')
  })

  it('undo by the inverse, in one call for cases that were alike', async () => {
    const cases = useCases()
    for (const one of [row(1), row(2), row(3, { assignee_id: 9 })]) cases.absorb(one)
    answer = ({ body }) => ({
      status: 200,
      body: { changed: [], refused: [], ...row((body as { ids?: number[] })?.ids?.[0] ?? 3) },
    })
    await cases.change([1, 2, 3], { assignee_id: 5 }, 'Assigned')
    useToasts().undo()
    expect([1, 2, 3].map((id) => cases.rows.get(id)?.assignee_id)).toEqual([null, null, 9])
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /cases/bulk',
      'POST /cases/bulk',
      'PUT /cases/3/assignee',
    ])
    expect(asked[1]?.body).toEqual({ ids: [1, 2], change: { assignee_id: null } })
  })

  it('restore only the refused ones of many', async () => {
    const cases = useCases()
    for (const one of [row(1), row(2)]) cases.absorb(one)
    answer = () => ({
      status: 200,
      body: {
        changed: [row(1, { status: 'resolved', version: 2 })],
        refused: [{ id: 2, sentence: 'Closed.' }],
      },
    })
    await cases.change([1, 2], { status: 'resolved' })
    expect([1, 2].map((id) => cases.rows.get(id)?.status)).toEqual(['resolved', 'open'])
  })

  it('ignore an answer older than what we know', () => {
    const cases = useCases()
    cases.absorb(row(1, { subject: 'New', version: 5 }))
    cases.absorb(row(1, { subject: 'Old', version: 4 }))
    expect(cases.rows.get(1)?.subject).toBe('New')
  })

  it('keep older messages when a case comes again', () => {
    const cases = useCases()
    const detail = (positions: number[], older: boolean) =>
      ({
        case: row(1) as Case,
        messages: positions.map((p) => ({ id: p, position: p }) as Message),
        older,
        position: positions.at(-1),
      }) as CaseDetail
    cases.keep(detail([1, 2, 3], false))
    cases.keep(detail([3, 4], true))
    expect(cases.details.get(1)?.messages.map((m) => m.position)).toEqual([1, 2, 3, 4])
    expect(cases.details.get(1)?.older).toBe(false)
  })

  it('fetch a case again that changed while it was on its way', async () => {
    const cases = useCases()
    const told: ((of: CaseDetail) => void)[] = []
    vi.stubGlobal(
      'fetch',
      () => new Promise((done) => told.push((of) => done(new Response(JSON.stringify(of))))),
    )
    const detail = (version: number) =>
      ({
        case: row(1, { version }) as Case,
        messages: [],
        older: false,
        position: version,
      }) as unknown as CaseDetail
    const first = cases.load(1)
    cases.markStale(1)
    const second = cases.load(1)
    told[0]?.(detail(1))
    await first
    await vi.waitFor(() => expect(told).toHaveLength(2))
    told[1]?.(detail(2))
    await second
    expect(cases.details.get(1)?.position).toBe(2)
    await cases.load(1)
    expect(told).toHaveLength(2)
  })

  it('keep what a change made of a case when an older answer comes', () => {
    const cases = useCases()
    const detail = (status: Case['status'], version: number) =>
      ({
        case: row(1, { status, version }) as Case,
        messages: [] as Message[],
        older: false,
        position: 0,
      }) as CaseDetail
    cases.keep(detail('open', 1))
    cases.absorb(row(1, { status: 'resolved', version: 2 }))
    cases.keep(detail('open', 1))
    expect(cases.known(1)?.status).toBe('resolved')
  })

  it('keep how far a visitor has read when an older answer comes', () => {
    const cases = useCases()
    const detail = () =>
      ({
        case: row(1) as Case,
        messages: [] as Message[],
        older: false,
        position: 0,
        chat: { read: 1 },
      }) as CaseDetail
    cases.noteRead(1, 3)
    cases.keep(detail())
    expect(cases.details.get(1)?.chat?.read).toBe(3)
  })

  it('show each newer list, however many are asked for meanwhile', async () => {
    const list = useList()
    const told: ((ids: number[]) => void)[] = []
    vi.stubGlobal(
      'fetch',
      () =>
        new Promise((done) =>
          told.push((ids) =>
            done(new Response(JSON.stringify({ rows: ids.map((id) => row(id)), next: null }))),
          ),
        ),
    )
    list.show('mine')
    const later = [list.refresh(), list.refresh()]
    told[1]?.([1])
    await later[0]
    expect(list.ids).toEqual([1])
    told[2]?.([1, 2])
    await later[1]
    told[0]?.([])
    await Promise.resolve()
    expect(list.ids).toEqual([1, 2])
  })

  it('page by cursor, and refresh without losing the pages below', async () => {
    const list = useList()
    const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i))
    answer = ({ path }) => ({
      status: 200,
      body: path.includes('cursor=') ? { rows: ids(101, 20), next: null } : { rows: ids(1, 100), next: 'c' },
    })
    list.show('all')
    await vi.waitFor(() => expect(list.ids).toHaveLength(100))
    await list.more()
    expect(list.ids).toHaveLength(120)
    answer = () => ({ status: 200, body: { rows: [row(999), ...ids(1, 99)], next: 'c' } })
    await list.refresh()
    expect([list.ids[0], list.ids[100], list.ids.length]).toEqual([999, 100, 121])
  })

  it('keep the keyboard on the same case when the list moves', async () => {
    const list = useList()
    answer = () => ({ status: 200, body: { rows: [row(1), row(2), row(3)], next: null } })
    list.show('mine')
    await vi.waitFor(() => expect(list.ids).toHaveLength(3))
    list.step(2)
    answer = () => ({ status: 200, body: { rows: [row(9), row(1), row(2), row(3)], next: null } })
    await list.refresh()
    expect(list.current).toBe(3)
  })
})
