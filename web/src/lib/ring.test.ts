import { describe, expect, it } from 'vitest'
import { type Claim, ringsHere } from './ring'

const claim = (tab: string, visible: boolean, more: Partial<Claim> = {}): Claim => ({
  offer: 7,
  tab,
  visible,
  ...more,
})

describe('an offer rings', () => {
  it('in the only tab, seen or not', () => {
    expect(ringsHere(claim('a', false), [])).toBe(true)
    expect(ringsHere(claim('a', false), [claim('a', false)])).toBe(true)
  })

  it('in exactly one of many, whoever is first to ask', () => {
    const tabs = [claim('c', false), claim('a', false), claim('d', true), claim('b', true)]
    const ringing = tabs.filter((mine) => ringsHere(mine, tabs.toReversed()))
    expect(ringing.map((one) => one.tab)).toEqual(['b'])
  })

  it('not again where another tab rang already', () => {
    expect(ringsHere(claim('a', true), [claim('z', false, { rung: true })])).toBe(false)
  })

  it('whatever was said of other offers', () => {
    expect(ringsHere(claim('b', false), [claim('a', true, { offer: 6, rung: true })])).toBe(true)
  })
})
