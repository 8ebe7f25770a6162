// What the HTML already carries, so that the first paint fetches nothing.
import type { Boot } from './types'

const element = typeof document === 'undefined' ? null : document.getElementById('boot')

export const boot: Boot | null = element?.textContent ? (JSON.parse(element.textContent) as Boot) : null
