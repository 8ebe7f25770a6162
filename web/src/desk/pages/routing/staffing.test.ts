import { describe, expect, it } from 'vitest'
import { busiest, type DayAhead, round, slotOf, stretch, sums } from './staffing'

const half = (starts: string, contacts: number, agents = 1) => ({
  starts,
  contacts,
  low: 0,
  high: 9,
  agents,
  busy_agents: 2,
})
const DAY: DayAhead = { day: '2026-03-02', half_hours: [half('09:00', 3, 2), half('10:30', 5.5, 4)] }

describe('what is to come', () => {
  it('sums contacts, agents at once and hours', () => {
    expect(sums([DAY, { day: '2026-03-03', half_hours: [] }])).toEqual({ contacts: 8.5, most: 4, hours: 3 })
    expect(sums([])).toEqual({ contacts: 0, most: 0, hours: 0 })
  })
  it('finds the busiest half hour, and none of an empty day', () => {
    expect(busiest(DAY)?.starts).toBe('10:30')
    expect(busiest({ day: '2026-03-03', half_hours: [] })).toBeUndefined()
  })
  it('fills the half hours between', () => {
    expect(slotOf('09:30')).toBe(19)
    const shown = stretch(DAY)
    expect([shown.length, shown[0]?.starts, shown.at(-1)?.starts]).toEqual([12, '07:00', '12:30'])
    expect(shown.filter((one) => one.contacts).map((one) => [one.starts, one.contacts])).toEqual([
      ['09:00', 3],
      ['10:30', 5.5],
    ])
    const late = { day: '2026-03-02', half_hours: [half('23:30', 1)] }
    expect([stretch(late).length, stretch(late)[0]?.starts, stretch(late).at(-1)?.starts]).toEqual([
      12,
      '18:00',
      '23:30',
    ])
    expect(stretch({ day: '2026-03-03', half_hours: [] })).toEqual([])
  })
  it.each([
    [0, 1, 1],
    [3, 3, 1],
    [9, 10, 5],
    [42, 60, 20],
    [170, 200, 50],
  ])('a scale for %d ends at %d in steps of %d', (most, end, step) => {
    expect(round(most)).toEqual({ end, step })
  })
})
