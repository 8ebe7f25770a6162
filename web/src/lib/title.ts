// The title of the tab: what the page is about, behind a mark while something waits for an answer.
import { t } from './i18n'

let title = ''
let waiting = 0

export function setTitle(text: string): void {
  title = text
  show()
}

/** So many things wait for an answer; none takes the mark away. */
export function markTitle(count: number): void {
  waiting = count
  show()
}

function show(): void {
  document.title = waiting ? t('offer.mark', { n: waiting, title }) : title
}
