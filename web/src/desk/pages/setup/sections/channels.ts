// The section of channels: each kind has fields of its own.
import { Mail } from '@lucide/vue'
import { t } from '@/lib/i18n'
import { type FieldPlan, type Mark, type Row, type Section, valueAt } from '../plan'
import { text } from './shown'

const ENCRYPTIONS = ['tls', 'starttls', 'plain'] as const

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
    { name: 'sms.mms_countries', input: 'lines' },
    { name: 'sms.daily_limit', input: 'number', min: 1, max: 1_000_000, required: true },
    { name: 'sms.segment_price', input: 'number', min: 0, max: 100, step: 0.0001 },
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

export const CHANNELS: Section = {
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
    sms: { account_sid: '', messaging_service_sid: '', countries: [], mms_countries: [], daily_limit: 1000 },
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
    text(row, 'address').startsWith('whatsapp:')
      ? `${t('setup.channel_kind.whatsapp')} · ${text(row, 'address').slice('whatsapp:'.length)}`
      : row.kind === 'email' || row.kind === 'sms'
        ? `${t(`setup.channel_kind.${row.kind}`)} · ${text(row, 'address')}`
        : t(`setup.channel_kind.${text(row, 'kind')}`),
  marks: (row) => [channelMark(row)],
}
