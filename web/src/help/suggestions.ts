// Three articles beside the contact form, for what is being written in it.
import { asker, LEAST_LETTERS, type Suggested } from '../lib/asking'

const MOST = 3
export class DeskSuggestions extends HTMLElement {
  connectedCallback(): void {
    const list = this.querySelector('ul')
    const fields = ['subject', 'message'].map((id) => document.getElementById(id) as HTMLInputElement | null)
    if (!list) return
    const show = (said: Suggested | null): void => {
      const hits = said?.rows ?? []
      this.hidden = !hits.length
      list.replaceChildren(...hits.slice(0, MOST).map(line))
    }
    const ask = asker('contact', show, { least: LEAST_LETTERS })
    const words = (): void => ask(fields.map((field) => field?.value ?? '').join(' '))
    for (const field of fields) field?.addEventListener('input', words)
    words()
  }
}

function line(hit: Suggested['rows'][number]): HTMLLIElement {
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
