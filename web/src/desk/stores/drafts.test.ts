import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useDrafts } from './drafts'

const draft = (text: string) => ({ text, files: [] })

describe('drafts', () => {
  let reachable = true
  let written: string[] = []

  beforeEach(() => {
    vi.useFakeTimers()
    localStorage.clear()
    reachable = true
    written = []
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        postMessage() {}
      },
    )
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      if (!reachable) throw new TypeError('Failed to fetch')
      written.push(`${init.method} ${path} ${JSON.parse(String(init.body)).text}`)
      return new Response('{}', { status: 200 })
    })
    setActivePinia(createPinia())
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('that could not be saved go to the server once the line is back', async () => {
    reachable = false
    const drafts = useDrafts()
    drafts.save(7, 'email', draft('Half a sentence'))
    await vi.advanceTimersByTimeAsync(2500)
    expect(drafts.find(7, 'email')!.state).toBe('local')

    reachable = true
    drafts.flush()
    await vi.advanceTimersByTimeAsync(2500)
    expect(written).toEqual(['PUT /api/v1/cases/7/drafts/email Half a sentence'])
    expect(drafts.find(7, 'email')!.state).toBe('saved')
  })

  it('that only this browser has go to the server when their case is opened', async () => {
    reachable = false
    useDrafts().save(7, 'note', draft('Ask Jonas'))
    await vi.advanceTimersByTimeAsync(2500)

    reachable = true
    setActivePinia(createPinia())
    expect(useDrafts().find(7, 'note')!.text).toBe('Ask Jonas')
    await vi.advanceTimersByTimeAsync(2500)
    expect(written).toEqual(['PUT /api/v1/cases/7/drafts/note Ask Jonas'])
  })

  it('that the server had are not written again', async () => {
    useDrafts().save(7, 'email', draft('Known'))
    await vi.advanceTimersByTimeAsync(2500)
    setActivePinia(createPinia())
    expect(useDrafts().find(7, 'email')!.text).toBe('Known')
    await vi.advanceTimersByTimeAsync(2500)
    expect(written).toHaveLength(1)
  })
})
