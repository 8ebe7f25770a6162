import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CaseDetail, Message } from '@/lib/types'
import { useCases } from './cases'
import { useDrafts } from './drafts'
import { useOutbox } from './outbox'
import { useToasts } from './toasts'

const held = (id: number, agent: number, at: string) =>
  ({
    id,
    position: id,
    kind: 'outbound',
    state: 'held',
    at,
    author: { agent_id: agent },
    to: [],
    cc: [],
  }) as unknown as Message
const written = (more = {}) => ({
  case_id: 7,
  kind: 'email' as const,
  text: 'It left today.',
  files: [],
  to: ['rosa@example.org'],
  cc: [],
  mentions: [],
  last_seen_position: 1,
  hold_seconds: 8,
  after: null,
  ...more,
})

const gone = () => Response.json({ error: { kind: 'not_found', sentence: 'No.' } }, { status: 404 })

describe('the outbox', () => {
  let answer: () => Response

  beforeEach(() => {
    vi.useFakeTimers()
    localStorage.clear()
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        postMessage() {}
      },
    )
    vi.stubGlobal('fetch', async (_: string, { method }: RequestInit) =>
      method === 'GET' ? gone() : answer(),
    )
    setActivePinia(createPinia())
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('takes back the newest of the agent that is held, whatever case it is in', async () => {
    const { details } = useCases()
    for (const message of [
      held(1, 5, '2026-01-01T10:00:00Z'),
      held(2, 5, '2026-01-01T10:00:05Z'),
      held(3, 6, '2026-01-01T10:00:09Z'),
    ])
      details.set(message.id, { messages: [message], drafts: {} } as unknown as CaseDetail)
    answer = () => Response.json({ text: 'Back', files: [] })

    expect(useOutbox().undoNewest(5)).toBe(true)
    await vi.advanceTimersByTimeAsync(0)

    expect(useDrafts().find(2, 'email')?.text).toBe('Back')
    expect(useOutbox().undoNewest(7)).toBe(false)
  })

  it('takes back what is still on its way to the server once it is there', async () => {
    const message = held(1, 5, '2026-01-01T10:00:00Z')
    let arrive = (_: Response) => {}
    vi.stubGlobal('fetch', async (_: string, { method }: RequestInit) => {
      if (method === 'GET') return gone()
      if (method === 'DELETE') return Response.json({ text: 'It left today.', files: [] })
      return new Promise((done) => {
        arrive = done
      })
    })
    const outbox = useOutbox()
    outbox.send(written())

    expect(outbox.undoNewest(5)).toBe(true)
    arrive(Response.json(message))
    await vi.advanceTimersByTimeAsync(0)

    expect(useDrafts().find(7, 'email')?.text).toBe('It left today.')
    expect(outbox.queue).toHaveLength(0)
  })

  it('no longer says that a reply is being sent once it waits for the line', async () => {
    answer = () => {
      throw new TypeError('Failed to fetch')
    }
    const outbox = useOutbox()
    outbox.send(written())
    expect(useToasts().list).toHaveLength(1)

    await vi.advanceTimersByTimeAsync(0)

    expect(outbox.queue[0]?.state).toBe('waiting')
    expect(useToasts().list).toHaveLength(0)
  })

  it('says which draft a note that was refused went back into', async () => {
    answer = () => Response.json({ error: { kind: 'invalid', sentence: 'No.' } }, { status: 422 })
    const outbox = useOutbox()
    outbox.send(written({ kind: 'note', hold_seconds: 0 }))
    await vi.advanceTimersByTimeAsync(0)
    expect(outbox.queue[0]?.state).toBe('failed')

    outbox.edit(outbox.queue[0]!.client_id)

    expect(outbox.restored).toEqual({ case_id: 7, kind: 'note' })
    expect(useDrafts().find(7, 'note')?.text).toBe('It left today.')
  })

  it('of two tabs without a line loses nothing of either', async () => {
    answer = () => {
      throw new TypeError('Failed to fetch')
    }
    const first = useOutbox()
    setActivePinia(createPinia())
    const second = useOutbox()
    first.send(written({ text: 'From the first' }))
    vi.advanceTimersByTime(1)
    second.send(written({ text: 'From the second' }))
    await vi.advanceTimersByTimeAsync(0)

    setActivePinia(createPinia())
    expect(useOutbox().queue.map((one) => one.text)).toEqual(['From the first', 'From the second'])
  })

  it('sends nothing that another tab took back', async () => {
    answer = () => {
      throw new TypeError('Failed to fetch')
    }
    const first = useOutbox()
    first.send(written())
    await vi.advanceTimersByTimeAsync(0)
    setActivePinia(createPinia())
    const second = useOutbox()
    expect(second.queue).toHaveLength(1)
    first.edit(first.queue[0]!.client_id)
    const asked = vi.fn(() => new Response('{}', { status: 200 }))
    answer = asked

    await second.flush()

    expect(second.queue).toHaveLength(0)
    expect(asked).not.toHaveBeenCalled()
  })
})
