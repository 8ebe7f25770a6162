import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CaseDetail, Message } from '@/lib/types'
import { useCases } from './cases'
import { useDrafts } from './drafts'
import { useOutbox } from './outbox'
import { useToasts } from './toasts'

const held = (id: number, agent: number, at: string) =>
  ({ id, position: id, kind: 'outbound', state: 'held', at, author: { agent_id: agent } }) as Message
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
    vi.stubGlobal('fetch', async () => answer())
    setActivePinia(createPinia())
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('finds the newest that is held and fits, whatever case it is in', () => {
    const { details } = useCases()
    details.set(1, { messages: [held(1, 5, '2026-01-01T10:00:00Z')] } as CaseDetail)
    details.set(2, { messages: [held(2, 5, '2026-01-01T10:00:05Z')] } as CaseDetail)
    details.set(3, { messages: [held(3, 6, '2026-01-01T10:00:09Z')] } as CaseDetail)

    expect(useOutbox().findHeld((m) => m.author.agent_id === 5)?.caseId).toBe(2)
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
})
