import { describe, expect, it } from 'vitest'
import { attributesOf, linesOf } from './attributes'

describe('the attributes of a customer', () => {
  const before = { orders: 3, vip: true, city: 'Göteborg', left: null }

  it('come back as they were when nobody touched them', () => {
    expect(attributesOf(linesOf(before), before)).toEqual(before)
  })

  it('change where someone typed', () => {
    const lines = linesOf(before).map((line) => (line.key === 'city' ? { ...line, value: ' Malmö ' } : line))
    expect(attributesOf(lines, before)).toEqual({ ...before, city: 'Malmö' })
  })

  it('need a name', () => {
    expect(attributesOf([{ key: ' ', value: 'x' }], {})).toEqual({})
  })
})
