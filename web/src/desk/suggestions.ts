// What "/" and "@" offer while someone writes: canned replies, and colleagues to mention in a note.
import { computed, type Ref, ref } from 'vue'
import { best } from '@/lib/match'
import { fill } from '@/lib/placeholders'
import type { CaseDetail, DraftKind } from '@/lib/types'
import { useSession } from './stores/session'

export interface Suggestion {
  id: string
  title: string
  key: string
  preview: string
  insert: string
}

export function useSuggestions(
  field: Ref<HTMLTextAreaElement | undefined>,
  kind: Ref<DraftKind>,
  detail: () => CaseDetail,
) {
  const session = useSession()
  const trigger = ref<{ sign: '/' | '@'; typed: string; from: number } | null>(null)
  const chosen = ref(0)

  const canned = (typed: string): Suggestion[] => {
    const { customer, case: about } = detail()
    const known = { customer, case: about, me: session.me, desk: session.desk.name }
    return best(typed, session.setup.canned, (c) => `${c.key} ${c.title}`)
      .slice(0, 6)
      .map((c) => {
        const text = fill(c.text, known)
        return { id: `c${c.id}`, title: c.title, key: `/${c.key}`, preview: text, insert: text }
      })
  }
  const people = (typed: string): Suggestion[] =>
    best(typed, session.setup.agents, (a) => a.name)
      .slice(0, 6)
      .map((a) => ({ id: `p${a.id}`, title: a.name, key: '', preview: '', insert: `@${a.name} ` }))

  const options = computed(() =>
    !trigger.value
      ? []
      : trigger.value.sign === '/'
        ? canned(trigger.value.typed)
        : people(trigger.value.typed),
  )

  /** Looks at what stands before the caret. */
  function look(): void {
    const el = field.value
    const before = el?.value.slice(0, el.selectionStart) ?? ''
    const found = /(?:^|\s)([/@])([\p{L}\p{N}_-]*)$/u.exec(before)
    const sign = found?.[1] as '/' | '@' | undefined
    const fits = sign === '/' || (sign === '@' && kind.value === 'note')
    trigger.value =
      fits && found
        ? { sign: sign!, typed: found[2] ?? '', from: before.length - (found[2] ?? '').length - 1 }
        : null
    chosen.value = 0
  }

  function pick(option: Suggestion | undefined): void {
    const el = field.value
    if (!el || !trigger.value || !option) return
    el.setRangeText(option.insert, trigger.value.from, el.selectionStart, 'end')
    trigger.value = null
    el.dispatchEvent(new Event('input'))
    el.focus()
  }

  /** True when the key was for the list. */
  function onKey(event: KeyboardEvent): boolean {
    const count = options.value.length
    if (!trigger.value || !count) return false
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      chosen.value = (chosen.value + (event.key === 'ArrowDown' ? 1 : -1) + count) % count
    else if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || event.key === 'Tab')
      pick(options.value[chosen.value])
    else if (event.key === 'Escape') trigger.value = null
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  /** Types the sign for the person, from a button. */
  function start(sign: '/' | '@'): void {
    const el = field.value
    if (!el) return
    const gap = el.selectionStart && !/\s$/.test(el.value.slice(0, el.selectionStart)) ? ' ' : ''
    el.setRangeText(gap + sign, el.selectionStart, el.selectionEnd, 'end')
    el.dispatchEvent(new Event('input'))
    el.focus()
    look()
  }

  const shut = (): void => {
    trigger.value = null
  }
  return { trigger, options, chosen, look, pick, onKey, start, shut }
}
