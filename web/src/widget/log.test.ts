import { describe, expect, it } from 'vitest'
import { empty, merge, unread, whole } from './log'
import type { Msg } from './types'

const message = (sequence: number, more: Partial<Msg> = {}): Msg => ({
  sequence,
  from: 'agent',
  name: 'Ada',
  text: `No ${sequence}`,
  at: '2026-01-01T00:00:00Z',
  files: [],
  ...more,
})

describe('the log', () => {
  it('holds every message once, in order, however it came', () => {
    const log = merge(merge(empty(), [message(3), message(1)]), [message(2), message(1), message(3)])
    expect(log.messages.map((one) => one.sequence)).toEqual([1, 2, 3])
  })

  it('knows up to where it is whole', () => {
    const gap = merge(empty(), [message(1), message(2), message(4)])
    expect(whole(gap)).toBe(2)
    expect(whole(merge(gap, [message(3)]))).toBe(4)
    expect(whole(empty())).toBe(0)
  })

  it('lets go of what was on its way once it has arrived', () => {
    const sending = { client_id: 'a', text: 'Hello', files: [], at: '' }
    const waiting = { client_id: 'b', text: 'Still here?', files: [], at: '' }
    const log = merge({ messages: [], pending: [sending, waiting] }, [
      message(1, { from: 'you', client_id: 'a' }),
    ])
    expect(log.pending).toEqual([waiting])
  })

  it('counts what others said since it was read last', () => {
    const log = merge(empty(), [message(1), message(2, { from: 'you' }), message(3), message(4)])
    expect(unread(log, 1)).toBe(2)
    expect(unread(log, 4)).toBe(0)
  })
})
