// Small things kept in this browser. A full or forbidden storage loses comfort, never the page.

export function recall<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(`desk.${key}`) ?? 'null') as T | null
  } catch {
    return null
  }
}

export function remember(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(`desk.${key}`)
    else localStorage.setItem(`desk.${key}`, JSON.stringify(value))
  } catch {
    // Private mode or a full disk: the server's copy is the other one.
  }
}
