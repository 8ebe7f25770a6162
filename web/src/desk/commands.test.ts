import { describe, expect, it } from 'vitest'
import en from '@/locales/en.json'
import { COMMANDS } from './commands'

const labels = en.command as Record<string, string>

describe('the commands', () => {
  it.each(COMMANDS.map((c) => c.id))('%s has a label for the palette', (id) => {
    expect(labels[id]).toBeTruthy()
  })

  it('have no label without a command', () => {
    expect(Object.keys(labels).sort()).toEqual(COMMANDS.map((c) => c.id).sort())
  })

  it('never share a key', () => {
    const keys = COMMANDS.flatMap((c) => c.keys)
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
  })

  it('never use Alt with a letter, which types a letter in many languages', () => {
    expect(COMMANDS.flatMap((c) => c.keys).filter((key) => key.includes('Alt'))).toEqual([])
  })

  it('never hide a key behind the start of another', () => {
    const keys = COMMANDS.flatMap((c) => c.keys)
    expect(keys.filter((key) => keys.some((other) => other.startsWith(`${key} `)))).toEqual([])
  })
})
