// The widget's texts. English is always there; another language comes with the first view.
import { shallowRef } from 'vue'
import en from '@/locales/widget.en.json'

export type Texts = typeof en
export type Key = keyof Texts

const OTHERS: Record<string, () => Promise<{ default: Texts }>> = {
  ar: () => import('@/locales/widget.ar.json'),
  de: () => import('@/locales/widget.de.json'),
}
const texts = shallowRef<Texts>(en)

/** Speaks the first of these languages that it knows, and returns it. */
export async function speak(...wanted: string[]): Promise<string> {
  for (const language of wanted.map((one) => one.split('-')[0]?.toLowerCase() ?? '')) {
    if (language === 'en') return 'en'
    const load = OTHERS[language]
    if (!load) continue
    const spoken = await load().catch(() => null)
    if (!spoken) break
    texts.value = spoken.default
    return language
  }
  return 'en'
}

export function t(key: Key, named: Record<string, string | number> = {}): string {
  return texts.value[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(named[name] ?? whole))
}
