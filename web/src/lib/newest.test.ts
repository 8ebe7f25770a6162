import { describe, expect, it } from 'vitest'
import { newest } from './newest'

function asking() {
  const shown: string[] = []
  const waiting: ((answer: string) => void)[] = []
  const refresh = newest(
    () => new Promise<string>((done) => waiting.push(done)),
    (answer) => shown.push(answer),
  )
  return { shown, waiting, refresh }
}

describe('of answers that overtake each other', () => {
  it('the earlier does not come after the later', async () => {
    const { shown, waiting, refresh } = asking()
    const both = [refresh(), refresh()]
    waiting[1]?.('later')
    await both[1]
    waiting[0]?.('earlier')
    await both[0]
    expect(shown).toEqual(['later'])
  })

  it('each is taken that comes in its turn, however many are asked for meanwhile', async () => {
    const { shown, waiting, refresh } = asking()
    const both = [refresh(), refresh()]
    waiting[0]?.('earlier')
    await both[0]
    waiting[1]?.('later')
    await both[1]
    expect(shown).toEqual(['earlier', 'later'])
  })
})
