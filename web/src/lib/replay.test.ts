import { describe, expect, it } from 'vitest'
import { freshOrder } from './order'
import { Heard, plan } from './replay'
import { mergeMessages } from './thread'
import type { Change, Message } from './types'

const CHANGES: Change[] = [
  { position: 11, kind: 'case_opened', case_id: 1 },
  { position: 12, kind: 'message_added', case_id: 1 },
  { position: 13, kind: 'message_changed', case_id: 2 },
]

describe('replaying changes', () => {
  it('asks for each case once, whatever the order and however often they came', () => {
    const shuffled = [...CHANGES, ...CHANGES].reverse()
    expect(plan(10, shuffled)).toEqual(plan(10, CHANGES))
    expect([...plan(10, CHANGES).cases]).toEqual([1, 2])
    expect([...plan(10, CHANGES).newMessages]).toEqual([1])
  })

  it('ignores what we have', () => {
    expect(plan(13, CHANGES)).toMatchObject({ position: 13, list: false })
    expect(plan(13, CHANGES).cases.size).toBe(0)
  })

  it('never goes back', () => {
    expect(plan(99, CHANGES).position).toBe(99)
  })

  it('says which agents are not as they were, and not who merely has a case', () => {
    const changes: Change[] = [
      { position: 11, kind: 'agent_changed', agent_id: 4 },
      { position: 12, kind: 'case_changed', case_id: 1, agent_id: 5 },
    ]
    expect([...plan(10, changes).agents]).toEqual([4])
  })

  it('says who was whispered to, and where', () => {
    const whisper: Change = { position: 14, kind: 'message_added', case_id: 3, whisper_to: 5 }
    expect([...plan(10, [...CHANGES, whisper, whisper]).whispers]).toEqual([[3, 5]])
  })

  it('leaves the list alone for a delivery', () => {
    expect(plan(12, CHANGES).list).toBe(false)
  })
})

describe('a thread', () => {
  const message = (id: number, position: number, text = ''): Message => ({ id, position, text }) as Message

  it('shows each message once, by position, the newer form winning', () => {
    const merged = mergeMessages(
      [message(1, 1), message(3, 3, 'held')],
      [message(3, 3, 'sent'), message(2, 2)],
    )
    expect(merged.map((m) => m.id)).toEqual([1, 2, 3])
    expect(merged[2]?.text).toBe('sent')
  })
})

describe('the order of a list', () => {
  it('follows the fresh first page', () => {
    expect(freshOrder([1, 2, 3], [3, 1], 100, false).ids).toEqual([3, 1])
  })

  it('keeps what a new row pushed below the first page', () => {
    expect(freshOrder([1, 2, 3, 4], [9, 1], 2, true)).toEqual({ ids: [9, 1, 2, 3, 4], keptTail: true })
  })

  it('drops what has left the first page', () => {
    expect(freshOrder([1, 2, 3, 4], [1, 3], 2, true).ids).toEqual([1, 3, 4])
  })

  it('starts anew when nothing fits', () => {
    expect(freshOrder([1, 2, 3], [7, 8], 2, true)).toEqual({ ids: [7, 8], keptTail: false })
  })

  it('asks again for what a push lost, though a later one came', () => {
    const heard = new Heard(10)
    expect(heard.news(CHANGES.slice(2))).toEqual(CHANGES.slice(2))
    expect(heard.sure).toBe(10)

    expect(heard.news(CHANGES)).toEqual(CHANGES.slice(0, 2))
    heard.upTo(13)
    expect(heard.news(CHANGES)).toEqual([])
    heard.upTo(12)
    expect(heard.sure).toBe(13)
  })
})
