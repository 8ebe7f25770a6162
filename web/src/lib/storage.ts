// Small things kept in this browser, for each person apart: at a shared desk the next one finds nothing of theirs.
// A full or forbidden storage loses comfort, never the page.
import { boot } from './boot'

/** Where something of the person who is signed in is kept. */
export const placeOf = (key: string): string => `desk.${boot?.me.id ?? 0}.${key}`

export function recall<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(placeOf(key)) ?? 'null') as T | null
  } catch {
    return null
  }
}

/** Everything whose key begins so. */
export function recallAll<T>(start: string): T[] {
  const place = placeOf('')
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '')
    return keys
      .filter((key) => key.startsWith(place + start))
      .flatMap((key) => recall<T>(key.slice(place.length)) ?? [])
  } catch {
    return []
  }
}

export function remember(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(placeOf(key))
    else localStorage.setItem(placeOf(key), JSON.stringify(value))
  } catch {
    // Private mode or a full disk: the server's copy is the other one.
  }
}
