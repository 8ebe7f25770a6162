import { describe, expect, it } from 'vitest'
import { figure, fromField, lines, narrowed, toField } from './scorecard'

describe('a figure', () => {
  it('is written in the unit of its metric', () => {
    expect(figure(0.8333, 'share', null)).toBe('83.3 %')
    expect(figure(7500, 'seconds', null)).toBe('2 h 5 min')
    expect(figure(28.5714, 'number', null)).toBe('28.57')
    expect(figure(800, 'money', 'EUR')).toContain('800')
  })
})

describe('what a metric can be narrowed by', () => {
  it('is said in words', () => {
    expect(narrowed(['queue', 'channel', 'tier'])).toBe('Can be narrowed by queue, channel, tier.')
    expect(narrowed([])).toBe('Cannot be narrowed.')
  })
})

describe('a target', () => {
  it('is typed in percent and minutes, and comes back as it was', () => {
    expect(fromField('95', 'share')).toBe(0.95)
    expect(fromField('7,5', 'seconds')).toBe(450)
    expect(toField(0.95, 'share')).toBe('95')
    expect(toField(450, 'seconds')).toBe('7.5')
  })

  it('may be nothing, and is never half understood', () => {
    expect(fromField(' ', 'share')).toBeNull()
    expect(fromField('soon', 'share')).toBeUndefined()
    expect(fromField('-1', 'cases')).toBeUndefined()
    expect(toField(null, 'share')).toBe('')
  })
})

describe('a trend', () => {
  it('breaks where weeks have no figure', () => {
    const drawn = lines([1, 2, null, 3], 30, 10)
    expect(drawn.runs).toEqual([
      [
        { x: 0, y: 10 },
        { x: 10, y: 5 },
      ],
      [{ x: 30, y: 0 }],
    ])
  })

  it('has room for its target', () => {
    expect(lines([2, 2], 10, 10, 4).target).toBe(0)
    expect(lines([2, 2], 10, 10, 4).runs[0]?.[0]?.y).toBe(10)
    expect(lines([2, 2], 10, 10).runs[0]?.[0]?.y).toBe(5)
    expect(lines([null, null], 10, 10, 4)).toEqual({ runs: [], target: null })
  })
})
