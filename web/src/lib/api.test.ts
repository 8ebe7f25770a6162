import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, get, sentenceBeside, wasUnanswered } from './api'

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

describe('a sentence beside its field', () => {
  it.each([
    ['offer_seconds: give 5 or more.', 'offer_seconds', 'Give 5 or more.'],
    ['There is a queue “Billing” already.', 'name', 'There is a queue “Billing” already.'],
    ['name: Fill this in.', null, 'name: Fill this in.'],
  ])('of “%s” does not name it again', (sentence, field, beside) => {
    expect(sentenceBeside(new ApiError(422, 'invalid', sentence, field))).toBe(beside)
  })
})

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
