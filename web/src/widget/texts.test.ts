import { describe, expect, it } from 'vitest'
import ar from '@/locales/widget.ar.json'
import de from '@/locales/widget.de.json'
import en from '@/locales/widget.en.json'
import { speak, t } from './texts'

const names = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort()

describe.each([
  ['de', de],
  ['ar', ar],
])('the texts in %s', (_, texts) => {
  it('say all that English says, with the same names in them', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort())
    for (const [key, text] of Object.entries(en)) {
      expect([key, ...names((texts as Record<string, string>)[key] ?? '')]).toEqual([key, ...names(text)])
    }
  })
})

describe('speaking', () => {
  it('takes the first language it knows', async () => {
    expect(await speak('xx', 'de-AT')).toBe('de')
    expect(t('place', { place: 2 })).toBe('Sie sind Nummer 2 in der Reihe')
  })
})
