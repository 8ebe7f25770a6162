import { describe, expect, it } from 'vitest'
import { changesOf, detailsOf } from './details'
import type { Case, CustomField } from './types'

const known: CustomField[] = [
  { key: 'order', label: 'Order', kind: 'text', options: [] },
  { key: 'weight', label: 'Weight', kind: 'number', options: [] },
  { key: 'gift', label: 'Gift', kind: 'yes_no', options: [] },
]
const row = {
  subject: 'Lost parcel',
  level: 1,
  fields: { order: 'A1', gift: false, old: 'x' },
} as unknown as Case

describe('the properties of a case', () => {
  it('are nothing to send when nothing was changed', () => {
    const form = detailsOf(row, known)
    expect(changesOf(form, detailsOf(row, known), row.fields, known)).toEqual({})
  })

  it('go out as their kind is kept', () => {
    const before = detailsOf(row, known)
    const after = { ...before, fields: { ...before.fields, weight: '2.5', gift: 'yes' } }
    expect(changesOf(before, after, row.fields, known).fields).toMatchObject({ weight: 2.5, gift: true })
  })

  it('leave what a colleague changed meanwhile, and fields that are no longer in use', () => {
    const before = detailsOf(row, known)
    const after = { ...before, fields: { ...before.fields, weight: 3 } }
    const newest = { order: 'B2', old: 'x' }
    expect(changesOf(before, after, newest, known).fields).toEqual({ order: 'B2', old: 'x', weight: 3 })
  })

  it('are taken away by an empty field', () => {
    const before = detailsOf(row, known)
    const after = { ...before, fields: { ...before.fields, order: ' ' } }
    expect(changesOf(before, after, row.fields, known).fields).toMatchObject({ order: null })
  })
})
