// Every text on screen comes from here. Pages that load late bring their texts with them.
import { createI18n } from 'vue-i18n'
import en from '@/locales/en.json'

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur']

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en },
  missingWarn: false,
  fallbackWarn: false,
})

export const t = i18n.global.t as (
  key: string,
  named?: Record<string, unknown> | number,
  plural?: number,
) => string

/** A text with a number in it: `one | many`, the number itself is `{n}`. */
export const tn = (key: string, n: number, named: Record<string, unknown> = {}): string =>
  (i18n.global.t as (key: string, named: Record<string, unknown>, plural: number) => string)(
    key,
    { n: n.toLocaleString(i18n.global.locale.value), ...named },
    n,
  )

export const hasText = (key: string): boolean => i18n.global.te(key)

export const direction = (locale: string): 'rtl' | 'ltr' =>
  RIGHT_TO_LEFT.includes(locale.split('-')[0] ?? '') ? 'rtl' : 'ltr'

/** Adds the texts of a page that is loaded late. */
export const addTexts = (texts: Record<string, unknown>): void =>
  i18n.global.mergeLocaleMessage('en', texts as never)
