import { describe, expect, it } from 'vitest'
import { addTexts } from '@/lib/i18n'
import texts from '@/locales/en.proposals.json'
import { calendar, hours, type Look, measured, points, STATES, TONES } from './proposals'

addTexts(texts)
const look = (change: number | null, low = 0, high = 0): Look => ({
  weeks: 2,
  read_on: '2026-05-01',
  proven: false,
  change,
  low,
  high,
  why: '',
  moved: '',
  near: [],
  controls: 20,
  chart: { first: '', topic: [], controls: [], before: 0 },
})

describe('proposals', () => {
  it('says what was measured as fewer or more, with its interval', () => {
    expect(measured(look(0.31, 0.2, 0.4))).toBe('31 % fewer (95 % interval: 20 % to 40 %)')
    expect(measured(look(-0.1, -0.3, 0.1))).toBe('10 % more (95 % interval of the fall: -30 % to 10 %)')
    expect(measured(look(null))).toBe('Nothing can be told.')
  })
  it('has words and a tone for every state', () => {
    for (const state of STATES) {
      expect(texts.proposals.state[state]).toBeTruthy()
      expect(TONES[state]).toBeTruthy()
    }
  })
  it('draws from the left edge to the right, the most at the top', () => {
    expect(points([0, 1, 2], 100, 50, 2)).toBe('0.0,50.0 50.0,25.0 100.0,0.0')
    expect(points([1], 100, 50, 2)).toBe('0.0,25.0')
  })
  it('leaves a day of the calendar in its place, and small figures their digit', () => {
    expect(calendar('2026-05-01')).toContain('2026')
    expect(hours(3.26)).toBe('3.3')
    expect(hours(326.4)).toBe('326')
  })
})
