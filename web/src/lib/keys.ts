// One registry of commands. It feeds the key handler, the palette, the "?" sheet and the tooltips.
import { onScopeDispose, shallowReactive } from 'vue'
import { t } from './i18n'

export type Group = 'case' | 'list' | 'go' | 'view' | 'edit'

/** A command as the registry lists it; its label is the text `command.<id>`. */
export interface Command {
  id: string
  group: Group
  keys: string[]
  /** Acts inside text fields too (it carries Ctrl/⌘ or is Escape). */
  inFields?: boolean
}

export interface Deed {
  run: () => void
  when?: () => boolean
}

const commands = new Map<string, Command>()
const deeds = shallowReactive(new Map<string, Deed>())
export const singleKeys = { on: true }

/** While a dialog that wants text is still loading, letters wait here instead of acting. */
export const typeAhead = { on: false, text: '', enter: false }

export function defineCommands(list: readonly Command[]): void {
  for (const command of list) commands.set(command.id, command)
}

export const allCommands = (): Command[] => [...commands.values()]
export const label = (id: string): string => t(`command.${id}`)

/** Gives commands their deeds for as long as the component (or scope) lives. */
export function useCommands(bound: Record<string, Deed | (() => void)>): void {
  const mine = Object.entries(bound).map(([id, deed]): [string, Deed] => {
    if (!commands.has(id)) throw new Error(`No command is called ${id}.`)
    return [id, typeof deed === 'function' ? { run: deed } : deed]
  })
  for (const [id, deed] of mine) deeds.set(id, deed)
  onScopeDispose(() => {
    for (const [id, deed] of mine) if (deeds.get(id) === deed) deeds.delete(id)
  })
}

export const available = (id: string): boolean => {
  const deed = deeds.get(id)
  return !!deed && (deed.when?.() ?? true)
}

export function run(id: string): boolean {
  if (!available(id)) return false
  deeds.get(id)?.run()
  return true
}

const mac = typeof navigator !== 'undefined' && /Mac|iP/.test(navigator.platform)

/** "Mod+Shift+Enter" → ["Ctrl", "⇧", "↵"]; "g i" → ["G", "I"]. */
export const caps = (keys: string): string[] => keys.split(' ').flatMap((press) => press.split('+').map(cap))

const CAPS: Record<string, string> = {
  Mod: mac ? '⌘' : 'Ctrl',
  Shift: '⇧',
  Enter: '↵',
  Escape: 'Esc',
  ArrowDown: '↓',
  ArrowUp: '↑',
}
const cap = (key: string): string => CAPS[key] ?? (key.length === 1 ? key.toUpperCase() : key)

/** A control's tooltip: its label and its first key. */
export function tip(id: string): string {
  const keys = commands.get(id)?.keys[0]
  return keys ? `${label(id)} (${caps(keys).join(' ')})` : label(id)
}

/** The name a key press has in the registry. */
export function pressName(event: KeyboardEvent): string {
  const letter = event.key.length === 1
  const key = letter ? event.key.toLowerCase() : event.key
  const mod = event.ctrlKey || event.metaKey
  const cased = letter && event.key.toLowerCase() !== event.key.toUpperCase()
  const shift = event.shiftKey && (mod || !letter || cased)
  return (mod ? 'Mod+' : '') + (shift ? 'Shift+' : '') + (key === ' ' ? 'Space' : key)
}

const LAYERS = '[role=dialog],[role=alertdialog],[role=menu],[role=listbox]'
const FIELDS = 'input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable="true"]'
const CHORD_MS = 900
let pending = ''
let forget = 0

/** The one keydown listener of the desk. */
export function onKeydown(event: KeyboardEvent): void {
  // Alt with a letter types ą, ś and ó, and opens the browser's menus.
  if (event.defaultPrevented || event.isComposing || event.altKey) return
  const press = pressName(event)
  if (press === 'Escape' && leavesField(event.target as HTMLElement)) return
  const bare = !press.startsWith('Mod+') && press !== 'Escape'
  if (typeAhead.on && bare && waits(event.key)) {
    event.preventDefault()
    return
  }
  const wanted = pending ? `${pending} ${press}` : press
  const found = allCommands().find(
    (c) => c.keys.includes(wanted) && allowed(c, event, bare) && available(c.id),
  )
  clearTimeout(forget)
  pending = ''
  if (found) {
    event.preventDefault()
    deeds.get(found.id)?.run()
  } else if (bare && opensChord(wanted) && allowed(undefined, event, bare)) {
    pending = wanted
    forget = window.setTimeout(() => (pending = ''), CHORD_MS)
  }
}

/** Escape leads out of a field on every page, so that the single letters are keys again. */
function leavesField(target: HTMLElement): boolean {
  if (!target.matches?.(FIELDS) || target.closest(LAYERS)) return false
  target.blur()
  return true
}

/** Whether the key was meant for the field that is on its way; it is kept there, in order. */
function waits(key: string): boolean {
  if (key === 'Enter') typeAhead.enter = true
  else if (key === 'Backspace') typeAhead.text = typeAhead.text.slice(0, -1)
  else if (key.length === 1 && !typeAhead.enter) typeAhead.text += key
  return key.length === 1 || key === 'Enter' || key === 'Backspace'
}

/** The field is there: hands out what was typed meanwhile. */
export function takeTyped(): { text: string; enter: boolean } {
  const { text, enter } = typeAhead
  Object.assign(typeAhead, { on: false, text: '', enter: false })
  return { text, enter }
}

const opensChord = (press: string): boolean =>
  allCommands().some((c) => c.keys.some((keys) => keys.startsWith(`${press} `)))

function allowed(command: Command | undefined, event: KeyboardEvent, bare: boolean): boolean {
  const target = event.target as HTMLElement
  const field = !!target.closest?.(FIELDS)
  const inLayer = !!target.closest?.(LAYERS)
  // Escape in a layer closes the layer, and nothing else.
  if (event.key === 'Escape' && inLayer) return false
  if (!bare) return command?.inFields || !(field || inLayer)
  if (field || inLayer) return false
  // Arrows scroll what has the focus; they move through cases only from the list or from nowhere.
  if (event.key.startsWith('Arrow')) return target === document.body || !!target.closest?.('[data-arrows]')
  return singleKeys.on
}
