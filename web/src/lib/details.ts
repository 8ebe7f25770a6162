// The properties of a case as a form holds them, and back: every value as text, and only what changed goes out.
import type { CaseChange } from './change'
import type { Case, CustomField } from './types'

export interface Details {
  subject: string
  level: 1 | 2
  fields: Record<string, string | number>
}

export function detailsOf(row: Case, known: readonly CustomField[]): Details {
  const fields = Object.fromEntries(known.map(({ key, kind }) => [key, typed(row.fields[key], kind)]))
  return { subject: row.subject, level: row.level, fields }
}

/** The change between two forms, laid over the case's newest fields: a colleague's change elsewhere stays. */
export function changesOf(
  before: Details,
  after: Details,
  newest: Record<string, unknown>,
  known: readonly CustomField[],
): CaseChange {
  const change: CaseChange = {}
  const subject = after.subject.trim()
  if (subject !== before.subject) change.subject = subject
  if (after.level !== before.level) change.level = after.level
  const touched = known.filter(
    ({ key }) => String(after.fields[key] ?? '') !== String(before.fields[key] ?? ''),
  )
  if (touched.length) {
    change.fields = { ...newest }
    for (const { key, kind } of touched) change.fields[key] = meant(after.fields[key], kind)
  }
  return change
}

function typed(value: unknown, kind: CustomField['kind']): string {
  if (value === undefined || value === null) return ''
  return kind === 'yes_no' ? (value ? 'yes' : 'no') : String(value)
}

function meant(value: string | number | undefined, kind: CustomField['kind']): unknown {
  const text = String(value ?? '').trim()
  if (text === '') return null
  if (kind === 'number') return Number(text)
  return kind === 'yes_no' ? text === 'yes' : text
}
