import { describe, expect, it } from 'vitest'
import { copyOf, isSame, leadOf, type PolicyBody } from './policy'

const body = {
  value_by: 'tier',
  channels: { email: { lead_minutes: 45 }, chat: { lead_minutes: 4 } },
  tier_values: { bronze: 1, gold: Math.E, platinum: 100 },
  most_tier_minutes: { bronze: 0, gold: 60, platinum: 60 },
} as unknown as PolicyBody

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
