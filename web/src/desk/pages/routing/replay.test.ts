import { expect, test } from 'vitest'
import { asRows, lastDays, type Replay } from './replay'

test('a week is the seven whole days before today, across the end of a month', () => {
  expect(lastDays(7, new Date(2026, 2, 3, 1))).toEqual(['2026-02-24', '2026-03-02'])
})

test('a result becomes rows, with nothing where one day tells of no spread', () => {
  const figure = { mean: 12, half: null }
  const change = { before: figure, after: { mean: 2, half: 1 }, difference: { mean: -10, half: 1 } }
  const one = {
    result: {
      cost: { before: figure, after: figure, ratio: figure },
      kept: { before: 3, after: 7 },
      raised: { before: 4, after: 1 },
      tiers: [{ tier: 'gold', wait: change, in_time: change, left: change }],
      agents: [{ name: 'Ada', before: figure, after: null }],
    },
  } as unknown as Replay
  const rows = asRows(one)
  expect(rows).toHaveLength(8)
  expect(rows.every((row) => row.length === 8)).toBe(true)
  expect(rows[3]?.slice(0, 5)).toEqual(['all', 'raised to the second level', 4, null, 1])
  expect(rows[4]).toEqual(['gold', 'wait in minutes', 12, null, 2, 1, -10, 1])
  expect(rows[7]).toEqual(['Ada', 'load', 12, null, null, null, null, null])
})
