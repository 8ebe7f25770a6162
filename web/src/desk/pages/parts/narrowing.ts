// Of which days and of which cases a page of figures tells; as it stands in its address and in what is asked.
import { languageName } from '@/lib/format'
import { t } from '@/lib/i18n'

/** `days` is a number of them, or OWN for those from the first to the last; empty is all of a kind. */
export interface Narrowing {
  days: string
  first: string
  last: string
  queue_id: string
  channel: string
  tier: string
  language: string
}
/** What is asked of the server: the period and what narrows it. */
export interface Period {
  days?: number
  first?: string
  last?: string
  queue_id?: string
  channel?: string
  tier?: string
  language?: string
}
export const OWN = 'own'
export const CHOICES = ['queue_id', 'channel', 'tier', 'language'] as const
export type Choice = (typeof CHOICES)[number]
const DATES = ['first', 'last'] as const

/** As an address tells it; days that are not among those offered are the usual ones, the first of them. */
export function narrowingIn(
  query: Record<string, unknown>,
  usual: string,
  offered: readonly string[],
): Narrowing {
  const told = (name: string): string => (typeof query[name] === 'string' ? (query[name] as string) : '')
  const days = offered.includes(told('days')) ? told('days') : usual
  return {
    days,
    first: told('first'),
    last: told('last'),
    queue_id: told('queue_id'),
    channel: told('channel'),
    tier: told('tier'),
    language: told('language'),
  }
}

/** For an address: what differs from the usual alone. */
export function inAddress(narrowing: Narrowing, usual: string): Record<string, string> {
  const { days, first, last, ...chosen } = narrowing
  const said = { ...(days === usual ? {} : { days }), ...(days === OWN ? { first, last } : {}), ...chosen }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value))
}

/** For the server; when a day begins is its own to say. */
export function asked(narrowing: Narrowing): Period {
  const named = [...(narrowing.days === OWN ? DATES : []), ...CHOICES].filter((name) => narrowing[name])
  const days = narrowing.days === OWN ? {} : { days: Number(narrowing.days) }
  return { ...days, ...Object.fromEntries(named.map((name) => [name, narrowing[name]])) }
}

/** What may be chosen of each kind, by the name that people know. */
export const offered = (
  queues: readonly { id: number; name: string }[],
  languages: readonly string[],
): Record<Choice, { id: string; name: string }[]> => ({
  queue_id: queues.map((one) => ({ id: String(one.id), name: one.name })),
  channel: ['email', 'sms', 'chat', 'form', 'api'].map((id) => ({ id, name: t(`channel.${id}`) })),
  tier: ['platinum', 'gold', 'silver', 'bronze'].map((id) => ({ id, name: t(`tier.${id}`) })),
  language: languages.map((id) => ({ id, name: languageName(id) })),
})
