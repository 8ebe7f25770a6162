import { describe, expect, it, vi } from 'vitest'
import { stillLine } from './preview'

describe('the line of a preview', () => {
  it('takes every word and says nothing', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch')
    const line = stillLine()
    line.adopt('token', null)
    await line.open()
    line.say('Hello?', [])
    line.read()
    expect((await line.end()).ok).toBe(false)
    expect(line.token()).toBeNull()
    expect(line.state).toMatchObject({ connection: 'idle', chat: null, log: { messages: [], pending: [] } })
    expect(fetched).not.toHaveBeenCalled()
  })
})
