// The few names a canned reply may hold. Anything else stays as written, for the agent to see and fill.
import type { Customer } from './customer'
import type { Case, Me } from './types'

export interface Known {
  customer: Customer
  case: Case
  me: Me | null
  desk: string
}

const VALUES: Record<string, (known: Known) => string> = {
  'customer.name': ({ customer }) => customer.name,
  'customer.first_name': ({ customer }) => customer.name.split(/\s+/)[0] ?? '',
  'case.number': (known) => String(known.case.id),
  'case.subject': (known) => known.case.subject,
  'agent.name': ({ me }) => me?.name ?? '',
  'agent.first_name': ({ me }) => me?.name.split(/\s+/)[0] ?? '',
  'desk.name': ({ desk }) => desk,
}

/** Fills {{customer.name}} and the like; plain text in, plain text out. */
export const fill = (text: string, known: Known): string =>
  text.replace(/\{\{\s*([a-z_.]+)\s*\}\}/g, (whole, name: string) => VALUES[name]?.(known) || whole)
