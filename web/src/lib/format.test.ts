import { describe, expect, it } from 'vitest'
import { ago, clock, initials, money, size, span, stamp, useTimeZone, zoneName } from './format'

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
