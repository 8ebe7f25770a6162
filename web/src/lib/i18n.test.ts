import { describe, expect, it } from 'vitest'
import en from '@/locales/en.json'
import pages from '@/locales/en.pages.json'
import { addTexts, direction, hasText, t, tn } from './i18n'

function keys(texts: object, path = ''): string[] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'string' ? [path + name] : keys(value, `${path}${name}.`),
  )
}

describe('the texts', () => {
  // Before the merge: it writes into the same object.
  const workspace = keys(en)
  addTexts(pages)

  // A bare @ or { in a text is syntax, and fails only when the text is shown.
  it.each([...workspace, ...keys(pages)])('%s can be shown', (key) => {
    expect(t(key, {})).not.toBe(key)
  })

  it('of pages do not replace those of the workspace', () => {
    expect(keys(pages).filter((key) => workspace.includes(key))).toEqual([])
  })

  it('count', () => {
    expect(tn('thread.new', 1)).toBe('1 new message')
    expect(tn('thread.new', 2)).toBe('2 new messages')
  })

  it('know which languages run from the right', () => {
    expect([direction('ar'), direction('he-IL'), direction('de')]).toEqual(['rtl', 'rtl', 'ltr'])
    expect(hasText('nav.mine')).toBe(true)
    expect(hasText('nav.nowhere')).toBe(false)
  })
})
