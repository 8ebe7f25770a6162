import { describe, expect, it } from 'vitest'
import { useTimeZone } from './format'
import { pieces } from './linkify'
import { best, score } from './match'
import { mentioned } from './mentions'
import { fill, type Known } from './placeholders'
import { defaultRecipients, readAddresses } from './recipients'
import type { CaseDetail } from './types'
import { moments } from './until'

const KNOWN = {
  customer: { name: 'Cleo Diaz' },
  case: { id: 7, subject: 'Parcel' },
  me: { name: 'Ada King' },
  desk: 'Shop',
} as Known

describe('writing', () => {
  it('fills the placeholders it knows and leaves the others to be seen', () => {
    expect(fill('Hi {{customer.first_name}}, {{ agent.name }} here about {{order.number}}.', KNOWN)).toBe(
      'Hi Cleo, Ada King here about {{order.number}}.',
    )
  })

  it('does not fill what a customer wrote as a name', () => {
    const trick = { ...KNOWN, customer: { name: '{{agent.name}}' } } as Known
    expect(fill('Hi {{customer.name}}', trick)).toBe('Hi {{agent.name}}')
  })

  it('finds who is mentioned', () => {
    expect(
      mentioned('@Ada King look, @Sam', [
        { id: 1, name: 'Ada King' },
        { id: 2, name: 'Sam Low' },
      ]),
    ).toEqual([1])
  })

  it('cuts links out of text without losing a letter', () => {
    const text = 'See (https://a.example/x?y=1). javascript:alert(1) @Ada King'
    const cut = pieces(text, ['Ada King'])
    expect(cut.map((p) => p.text).join('')).toBe(text)
    expect(cut.filter((p) => p.kind !== 'text')).toEqual([
      { kind: 'link', text: 'https://a.example/x?y=1' },
      { kind: 'mention', text: '@Ada King' },
    ])
  })

  it('tells addresses from what is none', () => {
    expect(readAddresses('a@b.example, nobody; <c@d.example>')).toEqual({
      good: ['a@b.example', 'c@d.example'],
      bad: ['nobody'],
    })
  })

  it('answers the last sender and the people in copy, never ourselves', () => {
    const detail = {
      customer: { addresses: [] },
      messages: [
        {
          kind: 'inbound',
          author: { address: 'cleo@a.example' },
          cc: [
            { address: 'Help@shop.example', name: '' },
            { address: 'bo@a.example', name: '' },
          ],
        },
      ],
    } as unknown as CaseDetail
    expect(defaultRecipients(detail, ['help@shop.example'])).toEqual({
      to: ['cleo@a.example'],
      cc: ['bo@a.example'],
    })
  })

  it('does not answer an automatic reply', () => {
    const detail = {
      customer: { addresses: [{ kind: 'email', value: 'cleo@a.example' }] },
      messages: [
        { kind: 'inbound', automatic: 'auto_reply', author: { address: 'robot@a.example' }, cc: [] },
      ],
    } as unknown as CaseDetail
    expect(defaultRecipients(detail, [])).toEqual({ to: ['cleo@a.example'], cc: [] })
  })

  it('finds by word start before letters in order', () => {
    expect(best('re', ['Core', 'Reply', 'Resolve'], (one) => one)).toEqual(['Reply', 'Resolve', 'Core'])
    expect(score('xyz', 'Reply')).toBe(0)
  })

  it('takes letters in order at the start of words and further on in a word, and not from anywhere', () => {
    for (const typed of ['asn', 'mit', 'sen lat', 'asgn'])
      expect(score(typed, 'Assign. Merge into this. Send later'), typed).toBeGreaterThan(0)
    expect(
      best('send', ['Edit subject and fields', 'Extend selection down', 'Send later'], (one) => one),
    ).toEqual(['Send later'])
  })

  it.each([0, 1, 2, 3, 4, 5, 6])('snoozes forward from day %i of the week', (weekday) => {
    const now = new Date(2026, 2, 1 + weekday, 17, 30)
    const times = moments(now)
    for (const { at } of times) expect(at.getTime()).toBeGreaterThan(now.getTime())
    expect(times.find((m) => m.id === 'monday')?.at.getDay()).toBe(1)
  })

  it('goes by the zone of the person, not by that of the browser', () => {
    useTimeZone('Asia/Tokyo')
    // Sunday 20:00 in London is Monday 05:00 in Tokyo.
    const times = moments(new Date('2026-03-01T20:00:00Z'))
    expect(times.find((m) => m.id === 'tomorrow')?.at.toISOString()).toBe('2026-03-03T00:00:00.000Z')
    expect(times.find((m) => m.id === 'monday')?.at.toISOString()).toBe('2026-03-09T00:00:00.000Z')
    useTimeZone(undefined)
  })
})
