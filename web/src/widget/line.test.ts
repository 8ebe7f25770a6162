import { describe, expect, it, vi } from 'vitest'
import { makeLine } from './line'
import type { Boot } from './types'

const { socket, asked, answers } = vi.hoisted(() => {
  const answers: Record<string, unknown[]> = {}
  const asked: [string, unknown][] = []
  const heard: Record<string, (said?: unknown) => void> = {}
  const socket = {
    connected: true,
    active: true,
    heard,
    disconnect: () => socket,
    connect: () => {
      heard.connect?.()
      return socket
    },
    on: (event: string, hear: (said?: unknown) => void) => {
      heard[event] = hear
    },
    timeout: () => ({
      emitWithAck: async (event: string, said: unknown) => {
        asked.push([event, said])
        const answer = answers[event]?.shift()
        if (answer === undefined) throw new Error('silence')
        return answer
      },
    }),
  }
  return { socket, asked, answers }
})

vi.mock('socket.io-client', () => ({ io: () => socket }))

const whole = { ok: true, chat: null, messages: [], more: false, sequence: 0 }

const idOf = (one?: [string, unknown]) => (one?.[1] as Partial<{ client_id: string }> | undefined)?.client_id

async function aPage(kept: string[] = []) {
  asked.length = 0
  const line = makeLine({ site: 'shop' } as Boot, {
    token: 'held',
    keep: (token) => void kept.push(token ?? ''),
    page: () => '/',
    waiting: null,
    keepWaiting: () => undefined,
  })
  await line.open()
  return line
}

describe('the line', () => {
  it('asks again when a server that is there is silent', async () => {
    const line = await aPage()
    answers.hello = [undefined, { ok: false, error: 'No database.', again: 0.01 }, whole]

    socket.heard.connect?.()

    await vi.waitFor(() => expect(line.state.connection).toBe('open'))
    expect(asked.map(([event]) => event)).toEqual(['hello', 'hello', 'hello'])
  })

  it('says again what was not acknowledged, under the same id', async () => {
    const line = await aPage()
    const message = { sequence: 1, from: 'you', name: '', text: 'Hello', at: '', files: [] }
    answers.say = [undefined]

    line.say('Hello', [])
    await vi.waitFor(() => expect(asked.length).toBe(1))
    const client_id = idOf(asked[0])
    answers.say = [{ ok: true, message: { ...message, client_id }, chat: null }]

    await vi.waitFor(() => expect(line.state.log.pending).toEqual([]))
    expect(asked.every((one) => idOf(one) === client_id)).toBe(true)
    expect(line.state.log.messages.map((one) => one.text)).toEqual(['Hello'])
  })

  it('keeps a word read that an older answer does not know of', async () => {
    const line = await aPage()
    const chat = { state: 'live', read: 0 }
    const message = { sequence: 1, from: 'you', name: '', text: 'Hello', at: '', files: [] }
    answers.hello = [{ ...whole, chat, messages: [message], sequence: 1 }]
    socket.heard.connect?.()
    await vi.waitFor(() => expect(line.state.chat?.read).toBe(0))

    answers.since = [{ ...whole, chat: { ...chat, state: 'left' } }]
    socket.heard.chat?.()
    socket.heard.read?.({ sequence: 1 })

    await vi.waitFor(() => expect(line.state.chat?.state).toBe('left'))
    expect(line.state.chat?.read).toBe(1)
  })

  it('says who it is before anything else, also when it was told so before there was a line', async () => {
    const kept: string[] = []
    const line = await aPage(kept)
    socket.connected = false
    await line.identify('signed by the shop')
    line.say('Hello', [])
    expect(asked).toEqual([])

    socket.connected = true
    answers.identify = [{ ok: true, token: 'of the one who was signed' }]
    answers.hello = [whole]
    socket.heard.connect?.()

    await vi.waitFor(() => expect(asked.map(([event]) => event)).toContain('say'))
    expect(asked.slice(0, 3).map(([event]) => event)).toEqual(['identify', 'hello', 'say'])
    expect(kept).toEqual(['of the one who was signed'])
  })

  it('asks who it is once more after silence, and never again after a no', async () => {
    const line = await aPage()
    answers.identify = [undefined, { ok: false, error: 'The signature of this identity is not right.' }]
    answers.hello = [whole, whole]
    await line.identify('forged')

    socket.heard.connect?.()
    await vi.waitFor(() => expect(line.state.connection).toBe('open'))
    socket.heard.connect?.()

    await vi.waitFor(() => expect(answers.hello).toEqual([]))
    expect(asked.filter(([event]) => event === 'identify').length).toBe(2)
  })

  it('asks where it stands while it waits, seldom while nobody is there, and no longer', async () => {
    vi.useFakeTimers()
    const line = await aPage()
    const waits = { state: 'waiting', place: null, leave_message: false, read: 0, seen: 0 }
    answers.hello = [{ ...whole, chat: { ...waits, leave_message: true } }]
    answers.since = [
      { ...whole, chat: { ...waits, place: 2 } },
      { ...whole, chat: { ...waits, place: 1 } },
      { ...whole, chat: { ...waits, state: 'live' } },
    ]

    socket.heard.connect?.()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(line.state.chat?.leave_message).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(line.state.chat?.place).toBe(2)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(line.state.chat?.place).toBe(1)
    await vi.advanceTimersByTimeAsync(75_000)

    expect(line.state.chat?.state).toBe('live')
    expect(asked.map(([event]) => event)).toEqual(['hello', 'since', 'since', 'since'])
    vi.useRealTimers()
  })
})
