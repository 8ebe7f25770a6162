// What is at hand while working on a case: categories, replies and macros.
import { BookText, FolderTree, Zap } from '@lucide/vue'
import { t } from '@/lib/i18n'
import type { Section } from '../plan'
import { list, nameOf, off, text, WORK } from './shown'

export const CASE_SECTIONS: readonly Section[] = [
  {
    id: 'categories',
    group: 'work',
    icon: FolderTree,
    right: WORK,
    ordered: true,
    removal: 'ask',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'parent_id', input: 'one', from: 'categories' },
      { name: 'second_level', input: 'yes_no' },
      { name: 'active', input: 'yes_no' },
    ],
    blank: () => ({ name: '', parent_id: null, second_level: false, active: true }),
    title: (row) => text(row, 'name'),
    detail: (row, references) => nameOf(references, 'categories', row.parent_id),
    marks: off,
  },
  {
    id: 'canned',
    group: 'answers',
    icon: BookText,
    right: WORK,
    removal: 'undo',
    fields: [
      { name: 'title', input: 'text', required: true },
      { name: 'key', input: 'text', required: true },
      { name: 'text', input: 'long', required: true },
      { name: 'queue_id', input: 'one', from: 'queues' },
    ],
    blank: () => ({ title: '', key: '', text: '', queue_id: null }),
    title: (row) => text(row, 'title'),
    detail: (row) => `/${text(row, 'key')} · ${text(row, 'text').slice(0, 80)}`,
  },
  {
    id: 'macros',
    group: 'answers',
    icon: Zap,
    right: WORK,
    removal: 'undo',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'steps', input: 'steps' },
    ],
    blank: () => ({ name: '', steps: [{ do: 'add_tag', value: '' }] }),
    title: (row) => text(row, 'name'),
    detail: (row) =>
      list(row, 'steps')
        .map((step) => t(`setup.step.${(step as { do: string }).do}`))
        .join(' · '),
  },
]
