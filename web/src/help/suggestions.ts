// Three articles beside the contact form, for what is being written in it.
import { asker, type Hit } from './asking'

const MOST = 3
/** A word or two tell nothing yet, and what is suggested first is what counts. */
const LEAST = 12

export class DeskSuggestions extends HTMLElement {
  connectedCallback(): void {
    const list = this.querySelector('ul')
    const fields = ['subject', 'message'].map((id) => document.getElementById(id) as HTMLInputElement | null)
    if (!list) return
    const show = (hits: Hit[] | null): void => {
      this.hidden = !hits?.length
      list.replaceChildren(...(hits ?? []).slice(0, MOST).map(line))
    }
    const ask = asker('contact', show, LEAST)
    const words = (): void => ask(fields.map((field) => field?.value ?? '').join(' '))
    for (const field of fields) field?.addEventListener('input', words)
    words()
  }
}

function line(hit: Hit): HTMLLIElement {
  const link = Object.assign(document.createElement('a'), {
    href: `${hit.url}?suggested=1`,
    textContent: hit.title,
    lang: hit.language,
    dir: hit.direction,
    target: '_blank',
    rel: 'noopener',
  })
  const made = document.createElement('li')
  made.append(link)
  return made
}
