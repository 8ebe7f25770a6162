import { describe, expect, it } from 'vitest'
import articles from '@/locales/en.articles.json'
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
  addTexts(articles)

  // A bare @ or { in a text is syntax, and fails only when the text is shown.
  it.each([...workspace, ...keys(pages), ...keys(articles)])('%s can be shown', (key) => {
    expect(t(key, {})).not.toBe(key)
  })

  it('of pages do not replace those of the workspace', () => {
    const late = [...keys(pages), ...keys(articles)]
    expect(late.filter((key, at) => workspace.includes(key) || late.indexOf(key) !== at)).toEqual([])
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
