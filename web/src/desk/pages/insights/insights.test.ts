import { describe, expect, it } from 'vitest'
import { addTexts } from '@/lib/i18n'
import texts from '@/locales/en.questions.json'
import {
  byArea,
  causeTold,
  change,
  finding,
  heatRange,
  type Standing,
  signed,
  type TopicRow,
  tone,
} from './questions'
import { nextInDirection, squarify } from './squarify'

addTexts(texts)
const BOX = { x: 0, y: 0, width: 600, height: 400 }

describe('squarify', () => {
  it('gives every size its part of the box, and none lies outside', () => {
    const sizes = [60, 60, 40, 30, 20, 10, 5, 1]
    const boxes = squarify(sizes, BOX)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    boxes.forEach((box, place) => {
      expect((box.width * box.height) / (600 * 400)).toBeCloseTo((sizes[place] ?? 0) / total, 6)
      expect(box.x + box.width).toBeLessThanOrEqual(600.001)
      expect(box.y + box.height).toBeLessThanOrEqual(400.001)
    })
  })
  it('takes nothing and a box without room', () => {
    expect(squarify([], BOX)).toEqual([])
    expect(squarify([0, 0], BOX).every((box) => box.width === 0)).toBe(true)
    expect(squarify([1], { ...BOX, width: 0 })[0]?.width).toBe(0)
  })
  it('moves to the neighbour in the direction of the key', () => {
    const boxes = squarify([1, 1, 1, 1], { x: 0, y: 0, width: 100, height: 100 })
    const left = boxes.findIndex((box) => box.x === 0 && box.y === 0)
    const right = nextInDirection(boxes, left, 'ArrowRight')
    expect(boxes[right]?.x).toBeGreaterThan(0)
    expect(nextInDirection(boxes, right, 'ArrowLeft')).toBe(left)
    expect(nextInDirection(boxes, left, 'ArrowUp')).toBe(left)
  })
})

describe('the colours of the map', () => {
  const topic = (person: number, questions = 100) => ({ person, questions })
  it('go from the least to the most share there is, in steps of five', () => {
    expect(heatRange([topic(62), topic(88), topic(97)])).toEqual([60, 100])
    expect(heatRange([topic(3), topic(40)])).toEqual([0, 40])
  })
  it('do not make much of little', () => {
    expect(heatRange([topic(91), topic(92)])).toEqual([85, 95])
    expect(heatRange([topic(100)])).toEqual([90, 100])
    expect(heatRange([topic(0)])).toEqual([0, 10])
    expect(heatRange([])).toEqual([0, 100])
  })
})

describe('finding topics', () => {
  const run = { finished_at: null, problem: null, questions: 0, topics: 0, progress: null }
  it('says in words how far it is', () => {
    const reading = { step: 'reading', done: 2860, total: 6640 } as const
    const say = (standing: Partial<Standing>) =>
      finding({ questions: 6640, behind: false, needed: 200, run: null, ...standing })
    expect(say({ run: { ...run, progress: reading } })).toBe('Reading 6,640 questions: 43 %')
    expect(say({ run: { ...run, progress: { step: 'naming', done: 0, total: 1 } } })).toContain('names')
    expect(say({ run })).toContain('in a moment')
    expect(say({})).toContain('coming in at once')
    expect(say({ questions: 12 })).toContain('there are 12 now')
    expect(say({ run: { ...run, finished_at: 'x', problem: 'It failed.' } })).toBe('It failed.')
  })
})

describe('what a rising topic shares', () => {
  const of = (kind: 'word' | 'language', value: string, share: number) =>
    causeTold({ kind, value, share, usual: 0.04, count: 20 })
  it('is told as a sentence, and a language as the language of most where it is', () => {
    expect(of('word', 'MORGEN15', 0.96)).toBe('96 % mention “MORGEN15”.')
    expect(of('language', 'de', 0.96)).toBe('Mostly in German: 96 %, usually 4 %.')
    expect(of('language', 'de', 0.4)).toBe('40 % write in German, usually 4 %.')
  })
})

describe('figures', () => {
  it('tells a change in percent, and none without a past', () => {
    expect(change(15, 10)).toBe(50)
    expect(change(3, 0)).toBe(null)
    expect([signed(50), signed(-3), signed(0)]).toEqual(['+50 %', '−3 %', '±0 %'])
    expect([tone(50), tone(10), tone(-10), tone(2), tone(null)]).toEqual(['bad', 'warn', 'good', '', ''])
  })
  it('groups topics by area, the largest first, and leaves out what nobody asked', () => {
    const topic = (id: number, area: string, questions: number) => ({ id, area, questions }) as TopicRow
    const areas = byArea([topic(1, 'a', 1), topic(2, 'b', 5), topic(3, 'a', 2), topic(4, 'c', 0)])
    expect(areas.map((one) => [one.area, one.topics.map((each) => each.id)])).toEqual([
      ['b', [2]],
      ['a', [3, 1]],
    ])
  })
})
