import { describe, expect, it } from 'vitest'
import {
  ago,
  clock,
  initials,
  instantOf,
  money,
  since,
  size,
  span,
  stamp,
  useTimeZone,
  wallTime,
  zoneName,
} from './format'

describe('format', () => {
  it('says a span in one unit', () => {
    expect([20, 59 * 60, 3600, 86_399, 86_400 * 12].map((s) => span(s * 1000))).toEqual([
      'now',
      '59m',
      '1h',
      '23h',
      '12d',
    ])
  })

  it('never shows the future as past', () => {
    expect(ago('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:00:00Z'))).toBe('now')
  })

  it('says when something was, also when it was this minute', () => {
    const now = Date.parse('2026-01-01T12:00:00Z')
    expect(since('2026-01-01T11:51:00Z', now)).toBe('9m ago')
    expect(since('2026-01-01T11:59:30Z', now)).toBe('just now')
  })

  it('shows times in the person’s zone, and survives a zone nobody knows', () => {
    useTimeZone('Asia/Kolkata')
    expect(clock('2026-01-01T20:00:00Z')).toBe('01:30')
    expect(stamp('2026-03-01T20:00:09.5Z')).toBe('2026-03-02 01:30:09')
    expect(zoneName()).toBe('Asia/Kolkata')
    useTimeZone('UTC')
    expect(clock('2026-01-01T20:00:00Z')).toBe('20:00')
    useTimeZone('Mars/Olympus')
    expect(clock('2026-01-01T20:00:00Z')).toMatch(/^\d\d:\d\d$/)
  })

  it('shows money with its currency', () => {
    expect(money('489.00', 'EUR')).toBe('€489.00')
    expect(money(8420, 'EUR', 0)).toBe('€8,420')
  })

  it('shows sizes in a unit that fits', () => {
    expect([0, 3, 999, 182_000, 30_000_000].map(size)).toEqual(['0 kB', '1 kB', '1 kB', '182 kB', '30 MB'])
  })

  it('finds initials in any script', () => {
    expect(['Amara Okafor', 'cleo@shop.example', 'مريم الحسن', '陈佳', ''].map(initials)).toEqual([
      'AO',
      'CE',
      'ما',
      '陈',
      '?',
    ])
  })
})

describe('a field for date and time', () => {
  it('says a moment in the person’s zone and is read back, across the nights the clocks change', () => {
    useTimeZone('Europe/Copenhagen')
    for (const at of [
      '2026-03-28T22:30:00Z',
      '2026-03-29T03:30:00Z',
      '2026-10-25T05:00:00Z',
      '2026-07-01T12:00:00Z',
    ])
      expect(instantOf(wallTime(new Date(at)))?.toISOString()).toBe(at.replace('Z', '.000Z'))
    expect(wallTime(new Date('2026-07-01T12:00:00Z'))).toBe('2026-07-01T14:00')
    expect(instantOf('')).toBeNull()
    useTimeZone(undefined)
  })
})
