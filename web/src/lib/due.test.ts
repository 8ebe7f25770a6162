import { describe, expect, it } from 'vitest'
import en from '@/locales/en.json'
import { dueOf, shown, worked } from './due'
import { addTexts } from './i18n'

addTexts(en)
const NOON = Date.parse('2026-03-02T12:00:00Z')
const due = { at: '2026-03-02T13:00:00Z', soon_at: '2026-03-02T12:45:00Z', clock: 'first_response' } as const
const after = (minutes: number) => NOON + minutes * 60_000

describe('a promise', () => {
  it('runs, is due soon, and is late from its moment on', () => {
    expect([0, 44.9, 45, 59.9, 60, 61].map((m) => shown(due, after(m)).state)).toEqual([
      'runs',
      'runs',
      'soon',
      'soon',
      'late',
      'late',
    ])
  })
  it('says in words what its colour says', () => {
    expect(shown(due, after(18)).long).toBe('First reply due in 42m')
    expect(shown(due, after(65)).long).toBe('First reply late by 5m')
    expect(shown(due, after(65)).short).toBe('late 5m')
    expect(shown(due, after(59.5)).short).toBe('<1m')
  })
  it('is none while nothing runs', () => {
    expect(dueOf({ due_at: null, due_clock: null })).toBeNull()
    expect(dueOf({})).toBeNull()
  })
})

describe('working time', () => {
  it('is said in at most two units', () => {
    expect([45, 900, 5400, 86_400 * 2 + 21_600 + 60].map(worked)).toEqual([
      '45 s',
      '15 min',
      '1 h 30 min',
      '2 d 6 h',
    ])
  })
})
