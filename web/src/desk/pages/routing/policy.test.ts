import { beforeAll, describe, expect, it } from 'vitest'
import { addTexts } from '@/lib/i18n'
import texts from '@/locales/en.routing.json'
import { copyOf, inWords, isSame, leadOf, type PolicyBody } from './policy'

const body = {
  value_by: 'tier',
  channels: { email: { lead_minutes: 45 }, chat: { lead_minutes: 4 } },
  tier_values: { bronze: 1, gold: Math.E, platinum: 100 },
  most_tier_minutes: { bronze: 0, gold: 60, platinum: 60 },
} as unknown as PolicyBody

beforeAll(() => addTexts(texts))

describe('what the server refuses', () => {
  it('is told by the name that the field has on the page', () => {
    const told = (field: string) => inWords(`“${field}” must be between 1 and 5, not 9.`, field)
    expect(told('overdue_factor')).toBe('“Overdue counts 1 in” must be between 1 and 5, not 9.')
    expect(told('tier_values.gold')).toContain('“Gold: Worth (1 is the mean customer)”')
    expect(told('priority_minutes.urgent')).toContain('“Urgent”')
    expect(told('channels.email.units')).toContain('“Email: Units”')
    expect(told('look_ahead.reserve')).toContain('“Seats kept for chats”')
  })

  it('keeps its own name where it has no field', () => {
    expect(inWords('“crowding” must be a number.', 'crowding')).toBe('“crowding” must be a number.')
    expect(inWords('Somebody was faster.', null)).toBe('Somebody was faster.')
  })
})

describe('a routing policy', () => {
  it('moves a case by the lead of its channel, and never beyond the bound of the tier', () => {
    expect(leadOf(body, 'email', 'gold')).toBeCloseTo(45)
    expect(leadOf(body, 'chat', 'gold')).toBeCloseTo(4)
    expect(leadOf(body, 'email', 'platinum')).toBe(60)
    expect(leadOf(body, 'email', 'bronze')).toBeCloseTo(0)
    expect(leadOf({ ...body, value_by: 'none' }, 'email', 'gold')).toBe(0)
    expect(leadOf(body, 'fax', 'gold')).toBe(0)
  })

  it('is copied so that a draft leaves its origin alone', () => {
    const draft = copyOf(body)
    expect(isSame(draft, body)).toBe(true)
    draft.tier_values.gold = 3
    expect(isSame(draft, body)).toBe(false)
  })
})
