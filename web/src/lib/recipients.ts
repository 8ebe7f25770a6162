// To and Cc of a reply: who gets it unless the agent says otherwise, and what a typed line means.
import type { CaseDetail, Mailbox } from './types'

export interface Recipients {
  to: string[]
  cc: string[]
}

const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/

/**
 * The sender of the last mail from outside (a text or a chat has none), and those in its Cc. Without one: whom we wrote to
 * last by mail, or the customer's first address. Our own addresses never count.
 */
export function defaultRecipients(detail: CaseDetail, ours: readonly string[]): Recipients {
  const isOurs = new Set(ours.map((address) => address.toLowerCase()))
  const outside = (list: readonly Mailbox[]) =>
    list.map((m) => m.address).filter((a) => a && !isOurs.has(a.toLowerCase()))
  const last = detail.messages.findLast(
    (m) => m.kind === 'inbound' && !m.automatic && m.author.address?.includes('@'),
  )
  if (last) {
    const to = [last.author.address!]
    return { to, cc: outside(last.cc).filter((address) => !to.includes(address)) }
  }
  const sent = detail.messages.findLast(
    (m) => m.kind === 'outbound' && m.to.some((one) => one.address.includes('@')),
  )
  if (sent) return { to: outside(sent.to), cc: outside(sent.cc) }
  const address = detail.customer.addresses.find((a) => a.kind === 'email')?.value
  return { to: address ? [address] : [], cc: [] }
}

/** "a@b.example, c@d.example" → the addresses, and what is not one. */
export function readAddresses(typed: string): { good: string[]; bad: string[] } {
  const parts = typed
    .split(/[,;\s]+/)
    .map((part) => part.replace(/^<|>$/g, ''))
    .filter(Boolean)
  return {
    good: parts.filter((part) => ADDRESS.test(part)),
    bad: parts.filter((part) => !ADDRESS.test(part)),
  }
}
