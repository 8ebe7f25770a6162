import { describe, expect, it } from 'vitest'
import { addTexts, hasText } from '@/lib/i18n'
import pages from '@/locales/en.pages.json'
import { bodyOf, changed, moved, type Row, rebased, setAt, valueAt } from './plan'
import { SECTIONS, sectionOf } from './sections'
import { fieldLabel } from './words'

const channel = (): Row => ({
  id: 3,
  kind: 'email',
  name: ' Post ',
  imap: { host: 'imap.shop.example', has_password: true },
  smtp: { host: 'smtp.shop.example', password: 'secret' },
  state: 'ok',
})

describe('what was typed while somebody else saved', () => {
  const queues = sectionOf('queues')!
  const base: Row = { id: 4, name: 'Returns', description: '', wrap_up_seconds: 30, team_ids: [1] }

  it('keeps what they changed where nobody typed', () => {
    const now = { ...base, wrap_up_seconds: 77, team_ids: [1, 2] }
    const { row, clashes } = rebased(queues, base, { ...base, description: 'Mine' }, now)
    expect(row).toEqual({ ...now, description: 'Mine' })
    expect(clashes).toEqual([])
    expect(changed(bodyOf(queues, now), bodyOf(queues, row))).toEqual({ description: 'Mine' })
  })

  it('keeps what was typed and names the field that both changed', () => {
    const typed = { ...base, name: 'Mine', wrap_up_seconds: 20 }
    const { row, clashes } = rebased(queues, base, typed, { ...base, name: 'Theirs', wrap_up_seconds: 20 })
    expect([row.name, row.wrap_up_seconds, clashes]).toEqual(['Mine', 20, ['name']])
  })

  it('reaches into the parts of a row', () => {
    const agent: Row = { id: 2, name: 'Ida', capacity: { email: 5, sms: 3, chat: 2 } }
    const typed = { ...agent, capacity: { email: 1, sms: 3, chat: 2 } }
    const now = { ...agent, capacity: { email: 5, sms: 9, chat: 2 } }
    expect(rebased(sectionOf('agents')!, agent, typed, now).row.capacity).toEqual({
      email: 1,
      sms: 9,
      chat: 2,
    })
    expect(now.capacity.email).toBe(5)
  })
})

describe('a form', () => {
  it('sends its fields and nothing the server only shows', () => {
    const body = bodyOf(sectionOf('channels')!, channel())
    expect(body.name).toBe('Post')
    expect(body).not.toHaveProperty('state')
    expect(body).not.toHaveProperty('id')
    expect(body.imap).not.toHaveProperty('has_password')
  })

  it('sends a password only when one was typed', () => {
    const body = bodyOf(sectionOf('channels')!, channel())
    expect(body.imap).not.toHaveProperty('password')
    expect(body.smtp).toHaveProperty('password', 'secret')
  })

  it('leaves out a server that has no host', () => {
    const body = bodyOf(sectionOf('channels')!, { ...channel(), smtp: null })
    expect(body.smtp).toBeNull()
  })

  it('signs in with a password or with OAuth, never with half of either', () => {
    const section = sectionOf('channels')!
    expect(bodyOf(section, channel()).oauth).toBeNull()
    const oauth = { provider: 'google', client_id: 'desk', refresh_token: 'r', has_client_secret: true }
    const body = bodyOf(section, { ...channel(), oauth })
    expect(body.oauth).toEqual({ provider: 'google', client_id: 'desk', refresh_token: 'r' })
    expect(body.smtp).not.toHaveProperty('password')
  })

  it('speaks of mail servers only where there may be some', () => {
    const section = sectionOf('channels')!
    const body = bodyOf(section, { ...section.blank(), id: 0, kind: 'chat', name: 'Shop' })
    expect(Object.keys(body).sort()).toEqual(['chat', 'kind', 'name', 'queue_id'])
    expect(body.chat).toMatchObject({ pre_chat: {}, hours: null, sites: [] })
  })

  it('says what a channel is once, and its token only when one was typed', () => {
    const section = sectionOf('channels')!
    const number = { ...section.blank(), kind: 'sms', address: '+44 20 7946 0000' }
    const body = bodyOf(section, { ...number, id: 0 })
    expect(Object.keys(body).sort()).toEqual(['address', 'kind', 'name', 'queue_id', 'sms'])
    expect(body.sms).not.toHaveProperty('auth_token')
    expect(bodyOf(section, { ...number, id: 4 })).not.toHaveProperty('kind')
  })

  it('sends only what changed', () => {
    expect(changed({ a: 1, b: [1, 2] }, { a: 1, b: [2, 1] })).toEqual({ b: [2, 1] })
  })

  it('reads and writes a part of a part, also when it is not there yet', () => {
    const row: Record<string, unknown> = {}
    expect(valueAt(row, 'imap.port')).toBeUndefined()
    setAt(row, 'imap.port', 993)
    expect(valueAt(row, 'imap.port')).toBe(993)
  })
})

describe('an order', () => {
  const rows = [10, 11, 12].map((id, position) => ({ id, position }))

  it('changes between neighbours only', () => {
    const { rows: after, wrong } = moved(rows, 1, 0)
    expect(after.map((row) => row.id)).toEqual([11, 10, 12])
    expect(wrong.map((row) => row.id)).toEqual([11, 10])
  })

  it('comes about where all stand at the same place', () => {
    const { wrong } = moved(
      rows.map((row) => ({ ...row, position: 1 })),
      2,
      0,
    )
    expect(wrong.map((row) => [row.id, row.position])).toEqual([
      [10, 2],
      [11, 3],
    ])
  })
})

describe('every section', () => {
  addTexts(pages)

  it.each(SECTIONS.map((section) => section.id))('%s has its words', (id) => {
    for (const word of ['title', 'about', 'add', 'empty'])
      if (word !== 'add' || !sectionOf(id)!.single)
        expect(hasText(`setup.${id}.${word}`), `setup.${id}.${word}`).toBe(true)
  })

  it.each(SECTIONS.map((section) => section.id))('%s has a label for every field', (id) => {
    const section = sectionOf(id)!
    for (const field of section.fields)
      expect(fieldLabel(section, field.words ?? field.name)).not.toContain('setup.')
  })
})
