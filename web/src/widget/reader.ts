// The mark under which articles are suggested to this page: random, of nobody, and gone with the tab.
const KEY = 'desk.reader'
let held = ''

export function reader(): string {
  held ||= kept() ?? crypto.randomUUID()
  try {
    sessionStorage.setItem(KEY, held)
  } catch {
    // A frame of another site may have no storage; then it lasts as long as the page.
  }
  return held
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}
