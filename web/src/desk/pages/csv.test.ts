import { describe, expect, it } from 'vitest'
import { toCsv } from './csv'

describe('a CSV', () => {
  it('quotes what would break a line or a cell', () => {
    expect(toCsv([['a,b', 'say "hi"', 'two\nlines']])).toBe('\ufeff"a,b","say ""hi""","two\nlines"\r\n')
  })

  it('never starts a formula, and leaves numbers alone', () => {
    expect(toCsv([['=1+1', '@SUM(A1)', -5]])).toBe("\ufeff'=1+1,'@SUM(A1),-5\r\n")
  })

  it('leaves nothing where nothing is', () => {
    expect(toCsv([[null, true]])).toBe('\ufeff,true\r\n')
  })
})
