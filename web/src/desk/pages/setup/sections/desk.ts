// The rules, promises and policies of the desk, and who may call it.
import { CalendarClock, KeyRound, ListPlus, Scale, Shuffle, Target } from '@lucide/vue'
import { day } from '@/lib/format'
import { t, tn } from '@/lib/i18n'
import { type Section, valueAt } from '../plan'
import { list, nameOf, namesOf, off, text, WORK } from './shown'

export const DESK_SECTIONS: readonly Section[] = [
  {
    id: 'rules',
    group: 'intake',
    icon: Shuffle,
    right: WORK,
    ordered: true,
    removal: 'undo',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'active', input: 'yes_no' },
      { name: 'conditions', input: 'conditions' },
      { name: 'all', input: 'yes_no' },
      { name: 'queue_id', input: 'one', from: 'queues', group: 'then' },
      {
        name: 'priority',
        input: 'choice',
        options: ['low', 'normal', 'high', 'urgent'],
        texts: 'priority',
        empty: true,
        group: 'then',
      },
      { name: 'category_id', input: 'one', from: 'categories', group: 'then' },
      { name: 'add_tags', input: 'lines', group: 'then' },
    ],
    blank: () => ({
      name: '',
      active: true,
      conditions: [{ field: 'subject', operator: 'contains', value: '' }],
      all: true,
      queue_id: null,
      priority: null,
      category_id: null,
      add_tags: [],
    }),
    title: (row) => text(row, 'name'),
    detail: (row, references) => {
      const queue = nameOf(references, 'queues', row.queue_id)
      const count = tn('setup.conditions', list(row, 'conditions').length)
      return queue ? `${count} → ${queue}` : count
    },
    marks: off,
  },
  {
    id: 'fields',
    group: 'intake',
    icon: ListPlus,
    right: WORK,
    removal: 'ask',
    fields: [
      { name: 'label', input: 'text', required: true },
      { name: 'key', input: 'text', required: true },
      {
        name: 'kind',
        input: 'choice',
        options: ['text', 'number', 'choice', 'date', 'yes_no'],
        texts: 'setup.kind',
      },
      { name: 'options', input: 'lines', when: (row) => row.kind === 'choice' },
      { name: 'active', input: 'yes_no' },
    ],
    blank: () => ({ label: '', key: '', kind: 'text', options: [], active: true }),
    title: (row) => text(row, 'label'),
    detail: (row) => `${t(`setup.kind.${text(row, 'kind')}`)} · ${text(row, 'key')}`,
    marks: off,
  },
  {
    id: 'calendars',
    group: 'desk',
    icon: CalendarClock,
    right: 'edit_policies',
    removal: 'ask',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'hours', words: 'business_hours', input: 'hours' },
      { name: 'country', input: 'text' },
      { name: 'region', input: 'text' },
      { name: 'special', input: 'lines' },
      { name: 'queue_ids', input: 'many', from: 'queues' },
      { name: 'default', input: 'yes_no' },
    ],
    blank: () => ({
      name: '',
      hours: null,
      country: null,
      region: null,
      special: [],
      queue_ids: [],
      default: false,
    }),
    title: (row) => text(row, 'name'),
    detail: (row, references) =>
      [
        valueAt(row, 'hours.zone') ?? t('setup.hours.always_open'),
        namesOf(references, 'queues', list(row, 'queue_ids')),
      ]
        .filter(Boolean)
        .join(' · '),
    marks: (row) => (row.default ? [{ text: t('setup.default'), tone: 'accent' } as const] : []),
  },
  {
    id: 'targets',
    group: 'desk',
    icon: Target,
    right: 'edit_policies',
    single: true,
    removal: 'never',
    fields: [],
    blank: () => ({}),
    title: () => t('setup.targets.title'),
  },
  {
    id: 'policies',
    group: 'desk',
    icon: Scale,
    right: 'edit_policies',
    single: true,
    removal: 'never',
    fields: [
      { name: 'desk_name', input: 'text', required: true },
      { name: 'time_zone', input: 'zone' },
      { name: 'public_address', input: 'text' },
      { name: 'reopen_days', input: 'number', min: 0, max: 3650, group: 'lifetime' },
      { name: 'close_after_days', input: 'number', min: 0, max: 3650, group: 'lifetime' },
      { name: 'survey_once_in_days', input: 'number', min: 1, max: 365, group: 'lifetime' },
      { name: 'suggestions_withheld_percent', input: 'number', min: 0, max: 50, group: 'help' },
      { name: 'agent_minute_cost', input: 'number', min: 0, max: 1000, step: 0.01, group: 'costs' },
      { name: 'currency', input: 'text', group: 'costs' },
      { name: 'chat_silent_minutes', input: 'number', min: 1, max: 1440, group: 'chats' },
      { name: 'chat_mail_minutes', input: 'number', min: 1, max: 1440, group: 'chats' },
      {
        name: 'second_factor_roles',
        input: 'several',
        options: ['agent', 'manager', 'admin', 'auditor'],
        texts: 'setup.role',
        group: 'signing_in',
      },
      { name: 'resolution_reasons', input: 'lines', group: 'texts' },
      { name: 'acknowledgement_text', input: 'long', group: 'texts' },
      { name: 'signature', input: 'long', group: 'texts' },
    ],
    blank: () => ({}),
    title: () => t('setup.policies.title'),
  },
  {
    id: 'tokens',
    group: 'desk',
    icon: KeyRound,
    right: 'edit_tokens',
    removal: 'ask',
    frozen: true,
    secret: 'token',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'expires_at', input: 'date' },
      { name: 'scopes', input: 'rights' },
    ],
    blank: () => ({ name: '', expires_at: null, scopes: [] }),
    title: (row) => text(row, 'name'),
    detail: (row) =>
      row.last_used_at
        ? t('setup.used', { prefix: text(row, 'prefix'), at: day(text(row, 'last_used_at')) })
        : t('setup.unused', { prefix: text(row, 'prefix') }),
    marks: (row) =>
      row.expires_at && Date.parse(text(row, 'expires_at')) < Date.now()
        ? [{ text: t('setup.expired'), tone: 'bad' }]
        : [],
  },
]
