import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { asker, LEAST_LETTERS } from './asking'

const hit = { title: 'A', url: '/a', collection: 'C', language: 'en', direction: 'ltr' }
const fetched = vi.fn(async () => new Response(JSON.stringify({ rows: [hit], withheld: false })))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  fetched.mockClear()
})

describe('asking while somebody writes', () => {
  it('asks once for the last words, as this browser and at this door', async () => {
    const show = vi.fn()
    const ask = asker('widget', show, { reader: 'mark' })
    ask('wher')
    ask(' where is my order ')
    await vi.runAllTimersAsync()
    expect(fetched).toHaveBeenCalledTimes(1)
    const [address, asked] = fetched.mock.calls[0] as unknown as [string, RequestInit]
    expect(address).toBe('/help/suggestions?q=where%20is%20my%20order&reader=mark')
    expect(asked.headers).toEqual({ 'X-Desk-Door': 'widget' })
    expect(show).toHaveBeenCalledWith({ rows: [hit], withheld: false }, 'where is my order')
  })

  it('says nothing of a word or two, and takes back what was shown for more', async () => {
    const show = vi.fn()
    const ask = asker('contact', show, { least: LEAST_LETTERS })
    ask('where')
    await vi.runAllTimersAsync()
    expect(fetched).not.toHaveBeenCalled()
    expect(show).toHaveBeenCalledExactlyOnceWith(null, '')
  })
})
