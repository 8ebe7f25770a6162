// Suggestions below the search field, as a combobox (WAI-ARIA 1.2): arrows choose, Enter opens, Escape closes.
import { asker, type Hit } from '../lib/asking'

export class DeskSearch extends HTMLElement {
  private field!: HTMLInputElement
  private list!: HTMLUListElement
  private hits: Hit[] = []
  private at = -1

  connectedCallback(): void {
    const field = this.querySelector('input')
    if (!field || this.list) return
    this.field = field
    this.list = document.createElement('ul')
    this.list.className = 'options'
    this.list.id = `${field.id}-options`
    this.list.hidden = true
    this.list.setAttribute('role', 'listbox')
    this.list.setAttribute('aria-label', this.dataset.label ?? '')
    this.append(this.list)
    const combobox = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false' }
    for (const [name, value] of Object.entries(combobox)) field.setAttribute(name, value)
    field.setAttribute('aria-controls', this.list.id)
    const ask = asker('search', (said) => this.show(said?.withheld ? null : (said?.rows ?? null)))
    field.addEventListener('input', () => ask(field.value))
    field.addEventListener('keydown', (event) => this.press(event))
    // A click on an option must not take the focus away before it counts.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault())
    this.addEventListener('focusout', (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) this.close()
    })
  }

  private show(hits: Hit[] | null): void {
    this.hits = hits ?? []
    this.list.replaceChildren(...this.hits.map((hit, place) => this.option(hit, place)))
    if (hits && !hits.length) this.list.append(this.nothing())
    this.toggle(!!hits && document.activeElement === this.field)
    this.choose(-1)
  }

  private option(hit: Hit, place: number): HTMLLIElement {
    const option = document.createElement('li')
    option.id = `${this.list.id}-${place}`
    option.setAttribute('role', 'option')
    const title = document.createElement('strong')
    Object.assign(title, { textContent: hit.title, lang: hit.language, dir: hit.direction })
    const where = document.createElement('span')
    where.textContent = hit.collection
    option.append(title, where)
    option.addEventListener('click', () => this.open(hit))
    option.addEventListener('pointermove', () => this.choose(place))
    return option
  }

  /** What was typed goes along, so that the help centre learns which words lead where. */
  private open(hit: Hit): void {
    location.assign(`${hit.url}?asked=${encodeURIComponent(this.field.value.trim())}`)
  }

  private nothing(): HTMLLIElement {
    const line = document.createElement('li')
    line.className = 'none'
    line.setAttribute('role', 'option')
    line.setAttribute('aria-disabled', 'true')
    line.textContent = this.dataset.none ?? ''
    return line
  }

  private press(event: KeyboardEvent): void {
    if (event.isComposing || this.list.hidden) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const chosen = this.hits[this.at]
    if (event.key === 'Escape') this.close()
    else if (event.key === 'Enter' && chosen) this.open(chosen)
    else if (step && this.hits.length) this.choose(this.stepped(step))
    else return
    event.preventDefault()
  }

  /** The next option in a direction, round the ends; from nowhere, the first or the last. */
  private stepped(step: number): number {
    const from = this.at < 0 && step < 0 ? 0 : this.at
    return (from + step + this.hits.length) % this.hits.length
  }

  private choose(place: number): void {
    this.at = place
    for (const [index, option] of [...this.list.children].entries()) {
      option.setAttribute('aria-selected', String(index === place))
    }
    if (place < 0) this.field.removeAttribute('aria-activedescendant')
    else this.field.setAttribute('aria-activedescendant', `${this.list.id}-${place}`)
  }

  private toggle(open: boolean): void {
    this.list.hidden = !open
    this.field.setAttribute('aria-expanded', String(open))
  }

  private close(): void {
    this.toggle(false)
    this.choose(-1)
  }
}
