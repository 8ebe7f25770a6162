import { describe, expect, it } from 'vitest'
import { addTexts } from '@/lib/i18n'
import texts from '@/locales/en.diary.json'
import { type Deed, dayFrom, deedOf, howLong, lasting, place } from './diary'

addTexts(texts)
const row = (what: string, more: Partial<Deed> = {}): Deed => ({
  what,
  at: '2026-03-02T09:00:00Z',
  until: null,
  case_id: 7,
  seconds: null,
  subject: 'Help',
  channel: 'email',
  opens: true,
  ...more,
})

describe('a diary', () => {
  it('tells a stint by an offer from one without, and how long each lasted', () => {
    const accepted = row('worked', { seconds: 12.4, until: '2026-03-02T10:05:00Z' })
    expect([deedOf(accepted), howLong(accepted)]).toEqual(['Accepted an offer', 'after 12 s, 1 h 5 min'])
    expect([deedOf(row('worked')), howLong(row('worked'))]).toEqual(['Took the case', 'since then'])
    expect([deedOf(row('offer_lapsed', { seconds: 45 })), howLong(row('answered'))]).toEqual([
      'Let an offer lapse',
      '',
    ])
  })
  it('says minutes as people do', () => {
    expect([0, 59.6, 60, 185].map(lasting)).toEqual(['0 min', '1 h', '1 h', '3 h 5 min'])
  })
  it('places a span on its day', () => {
    const span = {
      state: 'available' as const,
      since: '2026-03-02T06:00:00Z',
      until: '2026-03-02T12:00:00Z',
      lasts: false,
    }
    expect(place(span, '2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z')).toEqual({ left: 25, width: 25 })
  })
  it('goes a day back and forth over the ends of months', () => {
    expect([dayFrom('2026-03-01', -1), dayFrom('2026-12-31', 1)]).toEqual(['2026-02-28', '2027-01-01'])
  })
})
