// What a section of the setup is: its address, its list, its form. `sections.ts` has one description each.
import type { Component } from 'vue'

export interface Row extends Record<string, unknown> {
  id: number
}

export type Source = 'queues' | 'skills' | 'teams' | 'agents' | 'categories'
export type References = Record<Source, { id: number; name: string }[]>

interface Any {
  /** Where the value is, with a dot for a part of a part: `imap.host`. */
  name: string
  /** Whose label and hint it has, where they are not those of its name. */
  words?: string
  required?: boolean
  /** Fields that belong together stand under one heading. */
  group?: string
  when?: (row: Row) => boolean
}
export type FieldPlan = Any &
  (
    | { input: 'text' | 'email' | 'long' | 'lines' | 'password' | 'yes_no' | 'date' }
    | { input: 'zone' | 'after_fetch' | 'conditions' | 'steps' | 'rights' | 'colour' | 'hours' }
    | { input: 'number'; min: number; max: number; step?: number }
    | { input: 'choice'; options: readonly string[]; texts: string; empty?: boolean }
    | { input: 'several' | 'asked'; options: readonly string[]; texts: string }
    | { input: 'one'; from: Source }
    | { input: 'many'; from: Source }
    | { input: 'levels'; level: 'level' | 'minimum' }
  )

export interface Mark {
  text: string
  tone: '' | 'good' | 'warn' | 'bad' | 'accent'
}

export interface Section {
  id: string
  group: 'work' | 'answers' | 'intake' | 'desk'
  icon: Component
  /** The right to change it; to read needs `read_setup`. */
  right: string
  fields: readonly FieldPlan[]
  blank: () => Omit<Row, 'id'>
  title: (row: Row) => string
  detail?: (row: Row, references: References) => string
  marks?: (row: Row) => Mark[]
  /** Rows have an order that a person decides. */
  ordered?: boolean
  /** How a row goes: with Undo (made anew), after a question, or never. */
  removal: 'undo' | 'ask' | 'never'
  /** There is one row only, at the section's own address. */
  single?: boolean
  /** Made once and never changed. */
  frozen?: boolean
  /** Parts that are there only when this field of theirs is filled in. */
  parts?: Readonly<Record<string, string>>
  /** The part of a POST's answer that is shown this once. */
  secret?: 'token' | 'password' | 'identity_secret'
}

/** The value at a place such as `imap.host`. */
export function valueAt(row: Record<string, unknown>, name: string): unknown {
  return name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | null)?.[key], row)
}

/** Sets the value at a place, making the parts on the way. */
export function setAt(row: Record<string, unknown>, name: string, value: unknown): void {
  const keys = name.split('.')
  const last = keys.pop()!
  let part = row
  for (const key of keys) {
    part[key] ??= {}
    part = part[key] as Record<string, unknown>
  }
  part[last] = value
}

/** What goes to the server: the fields in sight, as they are; a password only when one was typed. */
export function bodyOf(section: Section, row: Row): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const inSight = section.fields.filter((field) => !field.when || field.when(row))
  for (const field of inSight) {
    const value = valueAt(row, field.name)
    if (field.input === 'password' && !value) continue
    setAt(body, field.name, sent(field, value))
  }
  for (const [part, field] of Object.entries(section.parts ?? {})) {
    const asked = inSight.some((one) => one.name === `${part}.${field}`)
    if (asked && !valueAt(body, `${part}.${field}`)) body[part] = null
  }
  return body
}

const TEXTS: readonly FieldPlan['input'][] = ['text', 'email', 'long', 'zone', 'after_fetch', 'colour']

function sent(field: FieldPlan, value: unknown): unknown {
  if (field.input === 'lines') return ((value ?? []) as string[]).map((line) => line.trim()).filter(Boolean)
  if (field.input === 'date') return value ? `${String(value).slice(0, 10)}T23:59:59Z` : null
  if (field.input === 'choice' && field.empty) return value || null
  if (TEXTS.includes(field.input)) return field.input === 'text' ? String(value ?? '').trim() : (value ?? '')
  return value ?? null
}

/** Only the parts of `after` that are not as they were. */
export function changed(before: Record<string, unknown>, after: Record<string, unknown>): typeof after {
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value)),
  )
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/**
 * What was typed on top of `base`, on top of the row as it is `now`: fields nobody typed in are as they are now.
 * `clashes` names the fields that somebody else changed to something else.
 */
export function rebased(section: Section, base: Row, typed: Row, now: Row): { row: Row; clashes: string[] } {
  const row = JSON.parse(JSON.stringify(now)) as Row
  const clashes: string[] = []
  for (const { name } of section.fields) {
    const [was, mine, theirs] = [valueAt(base, name), valueAt(typed, name), valueAt(now, name)]
    if (same(mine, was)) continue
    setAt(row, name, mine)
    if (!same(theirs, was) && !same(theirs, mine)) clashes.push(name)
  }
  return { row, clashes }
}

/** The rows in their new order and the positions that are no longer right, lowest first. */
export function moved(rows: readonly Row[], from: number, to: number): { rows: Row[]; wrong: Row[] } {
  const order = [...rows]
  order.splice(to, 0, ...order.splice(from, 1))
  const first = Math.min(...rows.map((row) => Number(row.position)))
  const placed = order.map((row, index) => ({ ...row, position: first + index }))
  return { rows: placed, wrong: placed.filter((row, index) => order[index]!.position !== row.position) }
}
