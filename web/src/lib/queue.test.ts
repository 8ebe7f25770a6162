import { describe, expect, it, vi } from 'vitest'
import { type Answers, attempt, enqueued, type Outgoing, revived } from './queue'

const MESSAGE: Outgoing = {
  client_id: 'one',
  case_id: 7,
  kind: 'email',
  text: 'Hello',
  files: [],
  to: [],
  cc: [],
  mentions: [],
  last_seen_position: 3,
  hold_seconds: 8,
  after: null,
  at: '2026-01-01T00:00:00Z',
  state: 'waiting',
  sentence: null,
}
const answers = (send: Answers['send']): Answers => ({
  send,
  isOffline: (error) => error === 'offline',
  isClash: (error) => error === 'clash',
  sentence: String,
})

describe('the send queue', () => {
  it('drops a message the server has', async () => {
    expect(
      await attempt(
        MESSAGE,
        answers(async () => undefined),
      ),
    ).toBeNull()
  })

  it('sends the same client_id again after a lost connection', async () => {
    const ids: string[] = []
    const send = vi.fn(async (one: Outgoing) => {
      ids.push(one.client_id)
      if (ids.length === 1) throw 'offline'
    })
    const left = await attempt(MESSAGE, answers(send))
    expect(left).toMatchObject({ state: 'waiting', text: 'Hello' })
    expect(await attempt(left!, answers(send))).toBeNull()
    expect(ids).toEqual(['one', 'one'])
  })

  it('keeps the text of a refused message, with the reason', async () => {
    expect(
      await attempt(
        MESSAGE,
        answers(() => Promise.reject('No such address.')),
      ),
    ).toMatchObject({ state: 'failed', sentence: 'No such address.', text: 'Hello' })
    expect(
      await attempt(
        MESSAGE,
        answers(() => Promise.reject('clash')),
      ),
    ).toMatchObject({ state: 'clash', text: 'Hello' })
  })

  it('takes a message once', () => {
    expect(enqueued(enqueued([], MESSAGE), { ...MESSAGE, text: 'again' })).toEqual([MESSAGE])
  })

  it('sends again what was on its way when the page closed', () => {
    expect(
      revived([
        { ...MESSAGE, state: 'sending' },
        { ...MESSAGE, client_id: 'two', state: 'failed' },
      ]).map((m) => m.state),
    ).toEqual(['waiting', 'failed'])
  })
})
