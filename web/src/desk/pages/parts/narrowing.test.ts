import { describe, expect, it } from 'vitest'
import { asked, inAddress, type Narrowing, narrowingIn } from './narrowing'

const OFFERED = ['7', '28', 'own']
const of = (query: Record<string, unknown>): Narrowing => narrowingIn(query, '28', OFFERED)

describe('what a page of figures tells of', () => {
  it('is the usual days of everything, of which the address says nothing', () => {
    expect(asked(of({}))).toEqual({ days: 28 })
    expect(inAddress(of({}), '28')).toEqual({})
    expect(asked(of({ days: '9999', tier: ['gold'] }))).toEqual({ days: 28 })
  })
  it('stands in the address and comes back from there', () => {
    const query = { days: 'own', first: '2026-05-01', last: '2026-05-09', tier: 'gold', queue_id: '3' }
    expect(inAddress(of(query), '28')).toEqual(query)
    expect(asked(of(query))).toEqual({ first: '2026-05-01', last: '2026-05-09', tier: 'gold', queue_id: '3' })
  })
  it('forgets dates where a number of days is asked', () => {
    const narrowing = { ...of({ first: '2026-05-01', language: 'de' }), days: '7' }
    expect(asked(narrowing)).toEqual({ days: 7, language: 'de' })
    expect(inAddress(narrowing, '28')).toEqual({ days: '7', language: 'de' })
  })
})
