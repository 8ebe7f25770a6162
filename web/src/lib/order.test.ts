import { describe, expect, it } from 'vitest'
import { standing } from './order'

describe('the keyboard in a list', () => {
  it.each([
    ['stays on its case where others come above it', [1, 2, 3], 1, [9, 1, 2, 3], 2],
    ['stands on what took the place of a case that left', [1, 2, 3], 1, [1, 3], 1],
    ['stands there also where others come above it', [1, 2, 3], 1, [8, 9, 1, 3], 3],
    ['stands on the last where the last left', [1, 2, 3], 2, [1, 2], 1],
    ['stands at the beginning of an empty list', [1], 0, [], 0],
  ])('%s', (_, here, at, order, place) => {
    expect(standing(here, at, order)).toBe(place)
  })
})
