// What the descriptions of setup rows have in common.
import { t } from '@/lib/i18n'
import type { Mark, References, Row, Source } from '../plan'

/** The right to change how work is shared out. */
export const WORK = 'edit_work_setup'

export const text = (row: Row, name: string): string => String(row[name] ?? '')
export const list = (row: Row, name: string): unknown[] => (row[name] as unknown[] | undefined) ?? []
export const nameOf = (references: References, from: Source, id: unknown): string =>
  references[from].find((one) => one.id === id)?.name ?? ''
export const namesOf = (references: References, from: Source, ids: unknown[]): string =>
  ids
    .map((id) => nameOf(references, from, id))
    .filter(Boolean)
    .join(', ')
export const off = (row: Row): Mark[] => (row.active === false ? [{ text: t('setup.off'), tone: '' }] : [])
