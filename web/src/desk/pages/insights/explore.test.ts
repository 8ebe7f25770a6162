import { describe, expect, it } from 'vitest'
import { useTimeZone } from '@/lib/format'
import { faultIn, isNumeric, shown, spaced } from './explore'

describe('a column', () => {
  it.each(['BIGINT', 'UINTEGER', 'HUGEINT', 'DOUBLE', 'DECIMAL(14,2)', 'TINYINT'])(
    'of %s holds numbers',
    (type) => {
      expect(isNumeric(type)).toBe(true)
    },
  )
  it.each([
    'VARCHAR',
    'BOOLEAN',
    'DATE',
    'BIGINT[]',
    'INTERVAL',
    'DECIMAL(14,2)[]',
    'TIMESTAMP WITH TIME ZONE',
  ])('of %s does not', (type) => {
    expect(isNumeric(type)).toBe(false)
  })
})

describe('a cell', () => {
  it.each([
    [0.1 + 0.2, '0.3'],
    [1e-9, '1e-9'],
    [9007199254740991, '9007199254740991'],
    ['-1.50', '-1.50'],
    [false, 'false'],
  ])('%s is shown as %s', (cell, text) => {
    expect(shown(cell, 'DOUBLE')).toBe(text)
  })
  it('that is a moment is shown in the person’s zone, a day as it is', () => {
    useTimeZone('Asia/Kolkata')
    expect(shown('2026-03-29T20:30:05.25Z', 'TIMESTAMP WITH TIME ZONE')).toBe('2026-03-30 02:00:05')
    expect(shown('2026-03-29', 'DATE')).toBe('2026-03-29')
    expect(shown('2026-03-29T20:30:05Z', 'VARCHAR')).toBe('2026-03-29T20:30:05Z')
    expect(shown('infinity', 'TIMESTAMP WITH TIME ZONE')).toBe('infinity')
    useTimeZone(undefined)
  })
})

describe('a name that is put into the text', () => {
  it.each([
    ['SELECT', '', ' case_id'],
    ['count(', ')', 'case_id'],
    ['SELECT ', 'FROM x', 'case_id '],
    ['', '', 'case_id'],
  ])('after “%s” and before “%s” is “%s”', (before, after, typed) => {
    expect(spaced(before, 'case_id', after)).toBe(typed)
  })
})

describe('what is wrong', () => {
  const sentence = 'Catalog Error: no foo!\nDid you mean "floor"?\n\nLINE 2:  foo(3)\n         ^^^'
  it('is found in the text, after the empty lines that the server leaves off, too', () => {
    expect(faultIn(sentence, 'SELECT 1,\n foo(3)\n')).toEqual({ line: 2, column: 2, at: 11, length: 3 })
    expect(faultIn(sentence, '\n\nSELECT 1,\n foo(3)')).toEqual({ line: 4, column: 2, at: 13, length: 3 })
    const first = 'Parser Error: no\n\nLINE 1: SELEC 1\n        ^^^^^'
    expect(faultIn(first, '\n  SELEC 1')).toEqual({ line: 2, column: 3, at: 3, length: 5 })
  })
  it('is found in a long line, of which a part is shown', () => {
    const long = `SELECT ${'a, '.repeat(40)}nope FROM fact_case WHERE ${'true AND '.repeat(20)}true`
    const part = 'Binder Error: no nope\n\nLINE 1: ...a, a, nope FROM fact_case WH...\n                 ^^^^'
    expect(faultIn(part, long)).toEqual({ line: 1, column: 128, at: 127, length: 4 })
    expect(long.slice(127, 131)).toBe('nope')
  })
  it('is not looked for where the sentence tells no place, or another text', () => {
    expect(faultIn('It took longer than 20 seconds.', 'SELECT 1')).toBeNull()
    expect(faultIn(sentence, 'SELECT 1,\n bar(3)')).toBeNull()
    expect(faultIn('E\n\nLINE 1: ...of all...\n           ^^', 'SELECT of all of all')).toBeNull()
  })
})
