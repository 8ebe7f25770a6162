import { describe, expect, it } from 'vitest'
import { isWriting } from './upload'

describe('what is pasted', () => {
  it.each([
    ['words of a spreadsheet with their picture', ['text/plain', 'text/html', 'Files'], true],
    ['words of a text processor', ['text/plain', 'text/rtf', 'Files'], true],
    ['a screenshot', ['Files'], false],
    ['a picture of a page', ['text/html', 'Files'], false],
    ['a file with its name', ['text/plain', 'Files'], false],
  ])('%s', (_, types, writing) => {
    expect(isWriting(types)).toBe(writing)
  })
})
