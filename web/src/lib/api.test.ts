import { afterEach, describe, expect, it, vi } from 'vitest'
import { get, wasUnanswered } from './api'

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

describe('a question to the server', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('that is answered, or refused, leaves nothing open', async () => {
    vi.stubGlobal('fetch', async () => json(200, { rows: [] }))
    await get('/cases')
    vi.stubGlobal('fetch', async () => json(404, { error: { sentence: 'There is no case 7.' } }))
    await expect(get('/cases/7')).rejects.toThrow('There is no case 7.')
    expect(wasUnanswered()).toBe(false)
  })

  it.each([
    ['is never reached', async () => Promise.reject(new TypeError('Failed to fetch'))],
    ['breaks off in its answer', async () => new Response('{"rows": [', { status: 200 })],
    ['has no database', async () => json(503, {})],
  ])('is told once to have gone unanswered when the server %s', async (_, server) => {
    vi.stubGlobal('fetch', server)
    await expect(get('/cases')).rejects.toThrow()
    expect(wasUnanswered()).toBe(true)
    expect(wasUnanswered()).toBe(false)
  })
})
