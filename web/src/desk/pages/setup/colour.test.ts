import { describe, expect, it } from 'vitest'
import { readable } from './colour'

describe('the colour of a widget', () => {
  // As `readable` in desk/channels/chat/colour.py says.
  it.each([
    ['#1f5fbf', '#1f5fbf'],
    ['#FFD400', '#8c7400'],
    ['#ffffff', '#757575'],
    ['#000000', '#000000'],
  ])('%s is used as %s', (given, used) => {
    expect(readable(given)).toBe(used)
  })

  it('is none while it is being typed', () => {
    expect(readable('#1f5')).toBeNull()
    expect(readable('blue')).toBeNull()
  })
})
