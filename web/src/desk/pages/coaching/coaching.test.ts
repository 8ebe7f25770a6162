import { beforeAll, describe, expect, it } from 'vitest'
import { addTexts } from '@/lib/i18n'
import texts from '@/locales/en.coaching.json'
import { apart, type Entry, figure, type Told, talks } from './coaching'

beforeAll(() => addTexts(texts))
const told = (difference: number, low: number, high: number): Told => ({
  few: false,
  cases: 40,
  peers: 5,
  mine: 1,
  theirs: 1,
  difference,
  low,
  high,
  stands_out: false,
  better: false,
})

describe('a difference', () => {
  it('is said with its interval, the nearer end first', () => {
    expect(apart(told(0.18, 0.04, 0.33), 'resolution')).toBe('18 % longer (4 to 33 %)')
    expect(apart(told(-0.2, -0.3, 0.02), 'handling')).toBe('20 % shorter (-2 to 30 %)')
    expect(apart(told(0.03, -0.01, 0.07), 'reopened')).toBe('3 points more (-1 to 7)')
    expect(apart(told(0.004, -0.012, 0.02), 'reopened')).toBe('0.4 points more (-1.2 to 2)')
    expect(apart(told(-0.03, -0.05, -0.01), 'satisfied')).toBe('3 points fewer (1 to 5)')
  })
  it('has the unit of its measure', () => {
    expect(figure(14_760, 'resolution')).toBe('4 h 6 min')
    expect(figure(0.124, 'reopened')).toBe('12.4 %')
  })
})

describe('talks', () => {
  const entry = (id: number, answers_id: number | null): Entry => ({
    id,
    answers_id,
    kind: answers_id ? 'answer' : 'note',
    text: '',
    at: '',
    author_id: 1,
    author: '',
    case_id: null,
    topic_id: null,
    due_on: null,
    outcome: null,
    ended_at: null,
  })
  it('stand with their answers, also those to answers, in the order in which they were given', () => {
    const found = talks([entry(5, 3), entry(4, null), entry(3, 1), entry(2, 1), entry(1, null)])
    expect(found.map(({ entry: { id }, answers }) => [id, answers.map((one) => one.id)])).toEqual([
      [4, []],
      [1, [2, 3, 5]],
    ])
  })
})
