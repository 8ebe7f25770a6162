import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { soon } from './soon'

describe('what is wished for many times', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is done once, and not put off by further wishes', async () => {
    const deed = vi.fn()
    const { call } = soon(deed, () => 100)
    for (let at = 0; at < 100; at += 20) {
      call()
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(deed).toHaveBeenCalledOnce()
  })

  it('is done again once it ended, where a wish came meanwhile', async () => {
    const ends: (() => void)[] = []
    const deed = vi.fn(() => new Promise<void>((done) => void ends.push(done)))
    const { call } = soon(deed, () => 100)
    call()
    await vi.advanceTimersByTimeAsync(100)
    call()
    call()
    await vi.advanceTimersByTimeAsync(1000)
    expect(deed).toHaveBeenCalledOnce()
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(100)
    expect(deed).toHaveBeenCalledTimes(2)
    ends[1]?.()
    await vi.advanceTimersByTimeAsync(1000)
    expect(deed).toHaveBeenCalledTimes(2)
  })

  it('is not done any more after the end', async () => {
    const deed = vi.fn()
    const { call, stop } = soon(deed, () => 100)
    call()
    stop()
    call()
    await vi.advanceTimersByTimeAsync(1000)
    expect(deed).not.toHaveBeenCalled()
  })
})
