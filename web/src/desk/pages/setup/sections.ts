// The sections of the setup, one description each. A new one needs its words in locales and nothing else.
import {
  BookText,
  CalendarClock,
  FolderTree,
  Inbox,
  KeyRound,
  ListPlus,
  Mail,
  Scale,
  Shuffle,
  Sparkles,
  Target,
  UserRound,
  UsersRound,
  Zap,
} from '@lucide/vue'
import { ago, day } from '@/lib/format'
import { t, tn } from '@/lib/i18n'
import {
  type FieldPlan,
  type Mark,
  type References,
  type Row,
  type Section,
  type Source,
  valueAt,
} from './plan'

const WORK = 'edit_work_setup'
export const ENCRYPTIONS = ['tls', 'starttls', 'plain'] as const

const text = (row: Row, name: string): string => String(row[name] ?? '')
const list = (row: Row, name: string): unknown[] => (row[name] as unknown[] | undefined) ?? []
const nameOf = (references: References, from: Source, id: unknown): string =>
  references[from].find((one) => one.id === id)?.name ?? ''
const namesOf = (references: References, from: Source, ids: unknown[]): string =>
  ids
    .map((id) => nameOf(references, from, id))
    .filter(Boolean)
    .join(', ')
const off = (row: Row): Mark[] => (row.active === false ? [{ text: t('setup.off'), tone: '' }] : [])

const isOf =
  (kind: string) =>
  (row: Row): boolean =>
    row.kind === kind
const provider = (row: Row): unknown => valueAt(row, 'oauth.provider')

/** The fields of one mail server; the same for both directions. */
const server = (part: 'imap' | 'smtp'): FieldPlan[] => {
  const when = isOf('email')
  return [
    { name: `${part}.host`, input: 'text', group: part, when },
    { name: `${part}.port`, input: 'number', min: 1, max: 65535, required: true, group: part, when },
    {
      name: `${part}.tls`,
      input: 'choice',
      options: ENCRYPTIONS,
      texts: 'setup.encryption',
      group: part,
      when,
    },
    { name: `${part}.username`, input: 'text', group: part, when },
    { name: `${part}.password`, input: 'password', group: part, when: (row) => when(row) && !provider(row) },
  ]
}

/** Signing in with a token instead of a password; one for both servers. */
const oauth: FieldPlan[] = [
  {
    name: 'oauth.provider',
    input: 'choice',
    options: ['google', 'microsoft', 'other'],
    texts: 'setup.provider',
    empty: true,
    group: 'oauth',
    when: isOf('email'),
  },
  { name: 'oauth.client_id', input: 'text', required: true, group: 'oauth', when: (row) => !!provider(row) },
  { name: 'oauth.client_secret', input: 'password', group: 'oauth', when: (row) => !!provider(row) },
  { name: 'oauth.refresh_token', input: 'password', group: 'oauth', when: (row) => !!provider(row) },
  { name: 'oauth.tenant', input: 'text', group: 'oauth', when: (row) => provider(row) === 'microsoft' },
  {
    name: 'oauth.token_url',
    input: 'text',
    required: true,
    group: 'oauth',
    when: (row) => provider(row) === 'other',
  },
  { name: 'oauth.scope', input: 'text', group: 'oauth', when: (row) => provider(row) === 'other' },
]

/** Texts by way of a provider. */
const sms: FieldPlan[] = (
  [
    { name: 'sms.account_sid', input: 'text', required: true },
    { name: 'sms.auth_token', input: 'password' },
    { name: 'sms.messaging_service_sid', input: 'text' },
    { name: 'sms.countries', input: 'lines' },
    { name: 'sms.daily_limit', input: 'number', min: 1, max: 1_000_000, required: true },
  ] as const
).map((field) => ({ ...field, group: 'sms', when: isOf('sms') }))

/** The widget: how it looks, whose pages carry it, what it asks and when somebody is there. */
const chat: FieldPlan[] = (
  [
    { name: 'chat.title', input: 'text', group: 'look' },
    { name: 'chat.greeting', input: 'text', group: 'look' },
    { name: 'chat.colour', input: 'colour', group: 'look' },
    {
      name: 'chat.position',
      input: 'choice',
      options: ['end', 'start'],
      texts: 'setup.position',
      group: 'look',
    },
    { name: 'chat.help', input: 'yes_no', group: 'look' },
    { name: 'chat.sites', input: 'lines', group: 'pages' },
    {
      name: 'chat.pre_chat',
      input: 'asked',
      options: ['name', 'email', 'topic'],
      texts: 'setup.asked_for',
      group: 'before',
    },
    { name: 'chat.hours', input: 'hours', group: 'hours' },
    { name: 'chat.offline_text', input: 'long', group: 'hours' },
  ] as const
).map((field) => ({ ...field, when: isOf('chat') }))

const CHANNEL_MARKS: Record<string, Mark['tone']> = {
  ok: 'good',
  connecting: 'warn',
  trouble: 'bad',
  needs_sign_in: 'bad',
  off: '',
}
export const channelMark = (row: Row): Mark => {
  const state = row.enabled === false ? 'off' : text(row, 'state') || 'connecting'
  return { text: t(`setup.channel_state.${state}`), tone: CHANNEL_MARKS[state] ?? '' }
}

export const SECTIONS: readonly Section[] = [
  {
    id: 'queues',
    group: 'work',
    icon: Inbox,
    right: WORK,
    ordered: true,
    removal: 'ask',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'description', input: 'long' },
      { name: 'offer_seconds', input: 'number', min: 5, max: 3600, required: true },
      { name: 'wrap_up_seconds', input: 'number', min: 0, max: 3600, required: true },
      { name: 'give_back_minutes', input: 'number', min: 0, max: 10080, required: true },
      { name: 'pull', input: 'yes_no' },
      {
        name: 'pull_limit',
        input: 'number',
        min: 0,
        max: 1000,
        required: true,
        when: (row) => row.pull === true,
      },
      { name: 'overflow_queue_id', input: 'one', from: 'queues', when: (row) => row.pull !== true },
      {
        name: 'overflow_minutes',
        input: 'number',
        min: 0,
        max: 10080,
        required: true,
        when: (row) => row.pull !== true && !!row.overflow_queue_id,
      },
      { name: 'second_level_minutes', input: 'number', min: 0, max: 100000, required: true },
      { name: 'second_level_reopens', input: 'number', min: 0, max: 100, required: true },
      {
        name: 'second_level_queue_id',
        input: 'one',
        from: 'queues',
        when: (row) => Number(row.second_level_minutes) > 0 || Number(row.second_level_reopens) > 0,
      },
      { name: 'skills', input: 'levels', level: 'minimum' },
      { name: 'team_ids', input: 'many', from: 'teams' },
      { name: 'default', input: 'yes_no' },
      { name: 'active', input: 'yes_no' },
    ],
    blank: () => ({
      name: '',
      description: '',
      offer_seconds: 45,
      wrap_up_seconds: 30,
      give_back_minutes: 0,
      pull: false,
      pull_limit: 0,
      overflow_queue_id: null,
      overflow_minutes: 0,
      second_level_minutes: 0,
      second_level_reopens: 0,
      second_level_queue_id: null,
      skills: [],
      team_ids: [],
      default: false,
      active: true,
    }),
    title: (row) => text(row, 'name'),
    detail: (row, references) =>
      namesOf(references, 'teams', list(row, 'team_ids')) || text(row, 'description'),
    marks: (row) => [
      ...(row.default ? [{ text: t('setup.default'), tone: 'accent' } as const] : []),
      ...off(row),
    ],
  },
  {
    id: 'skills',
    group: 'work',
    icon: Sparkles,
    right: WORK,
    removal: 'ask',
    fields: [{ name: 'name', input: 'text', required: true }],
    blank: () => ({ name: '' }),
    title: (row) => text(row, 'name'),
  },
  {
    id: 'teams',
    group: 'work',
    icon: UsersRound,
    right: WORK,
    removal: 'ask',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'member_ids', input: 'many', from: 'agents' },
      { name: 'queue_ids', input: 'many', from: 'queues' },
    ],
    blank: () => ({ name: '', member_ids: [], queue_ids: [] }),
    title: (row) => text(row, 'name'),
    detail: (row) => tn('setup.members', list(row, 'member_ids').length),
  },
  {
    id: 'agents',
    group: 'work',
    icon: UserRound,
    right: 'edit_agents',
    removal: 'never',
    secret: 'password',
    fields: [
      { name: 'name', input: 'text', required: true },
      { name: 'email', input: 'email', required: true },
      {
        name: 'role',
        input: 'choice',
        options: ['agent', 'manager', 'admin', 'auditor'],
        texts: 'setup.role',
      },
      { name: 'password', input: 'password' },
      { name: 'active', input: 'yes_no' },
      { name: 'assigned_only', input: 'yes_no' },
      { name: 'team_ids', input: 'many', from: 'teams' },
      { name: 'skills', input: 'levels', level: 'level' },
      { name: 'capacity.email', input: 'number', min: 0, max: 50, group: 'capacity' },
      { name: 'capacity.sms', input: 'number', min: 0, max: 50, group: 'capacity' },
      { name: 'capacity.chat', input: 'number', min: 0, max: 50, group: 'capacity' },
    ],
    blank: () => ({
      name: '',
      email: '',
      role: 'agent',
      active: true,
      assigned_only: false,
      team_ids: [],
      skills: [],
      capacity: { email: 5, sms: 3, chat: 2 },
    }),
    title: (row) => text(row, 'name'),
    detail: (row) =>
      row.last_seen_at
        ? t('setup.seen', {
            email: text(row, 'email'),
            ago: ago(text(row, 'last_seen_at'), Date.now()),
          })
        : text(row, 'email'),
    marks: (row) => [
      { text: t(`setup.role.${text(row, 'role')}`), tone: row.role === 'agent' ? '' : 'accent' },
      ...(row.totp ? [{ text: t('setup.totp'), tone: 'good' } as const] : []),
      ...(row.active === false ? [{ text: t('setup.disabled'), tone: 'warn' } as const] : []),
    ],
  },
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
  {
    id: 'channels',
    group: 'intake',
    icon: Mail,
    right: 'edit_channels',
    removal: 'ask',
    parts: { imap: 'host', smtp: 'host', oauth: 'provider' },
    secret: 'identity_secret',
    fields: [
      {
        name: 'kind',
        input: 'choice',
        options: ['email', 'chat', 'sms', 'form'],
        texts: 'setup.channel_kind',
        // What a channel is, it stays.
        when: (row) => !row.id,
      },
      { name: 'name', input: 'text', required: true },
      { name: 'address', input: 'text', required: true, when: isOf('email') },
      { name: 'address', words: 'number', input: 'text', required: true, when: isOf('sms') },
      { name: 'queue_id', input: 'one', from: 'queues' },
      { name: 'acknowledge', input: 'yes_no', when: isOf('email') },
      ...server('imap'),
      { name: 'imap.folder', input: 'text', group: 'imap', when: isOf('email') },
      { name: 'imap.after_fetch', input: 'after_fetch', group: 'imap', when: isOf('email') },
      ...server('smtp'),
      ...oauth,
      ...sms,
      ...chat,
    ],
    blank: () => ({
      kind: 'email',
      name: '',
      address: '',
      queue_id: null,
      acknowledge: true,
      imap: { host: '', port: 993, tls: 'tls', username: '', folder: 'INBOX', after_fetch: 'leave' },
      smtp: { host: '', port: 587, tls: 'starttls', username: '' },
      sms: { account_sid: '', messaging_service_sid: '', countries: [], daily_limit: 1000 },
      chat: {
        title: t('setup.blank_chat.title'),
        greeting: t('setup.blank_chat.greeting'),
        colour: '#1f5fbf',
        position: 'end',
        help: true,
        sites: [],
        pre_chat: {},
        hours: null,
        offline_text: t('setup.blank_chat.offline_text'),
      },
    }),
    title: (row) => text(row, 'name') || text(row, 'address'),
    detail: (row) =>
      row.kind === 'email' || row.kind === 'sms'
        ? `${t(`setup.channel_kind.${row.kind}`)} · ${text(row, 'address')}`
        : t(`setup.channel_kind.${text(row, 'kind')}`),
    marks: (row) => [channelMark(row)],
  },
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

export const sectionOf = (id: string): Section | undefined => SECTIONS.find((section) => section.id === id)
