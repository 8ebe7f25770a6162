import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/lib/api'
import { useSaving } from './saving'
import type { Article, Words } from './types'

const article = (version: number, body = ''): Article => ({ ...words(body), id: 1, version }) as Article
const words = (body: string): Words => ({ title: 'T', body, collection_id: 1, language: 'en' })

describe('saving an article', () => {
  it('sends one after another, each on the version of the one before', async () => {
    const sent: [string, number][] = []
    const saving = useSaving({
      send: async (w, version) => {
        sent.push([w.body, version])
        if (sent.length === 1) saving.change(words('two'))
        return article(version + 1)
      },
      keep: () => undefined,
    })
    saving.begin(article(7))
    saving.change(words('one'))
    await saving.flush()
    expect(sent).toEqual([
      ['one', 7],
      ['two', 8],
    ])
    expect(saving.state.value).toBe('saved')
    expect(saving.hasUnsaved()).toBe(false)
  })

  it('keeps the words in the browser until the server has them', async () => {
    const keep = vi.fn()
    const send = vi
      .fn()
      .mockRejectedValueOnce(new ApiError(0, 'offline', 'No line.'))
      .mockResolvedValue(article(2))
    const saving = useSaving({ send, keep })
    saving.begin(article(1))
    saving.change(words('x'))
    await saving.flush()
    expect(saving.state.value).toBe('kept')
    expect(saving.why.value).toBe('No line.')
    expect(keep).toHaveBeenLastCalledWith(words('x'))
    await saving.flush()
    expect(keep).toHaveBeenLastCalledWith(null)
    expect(saving.state.value).toBe('saved')
  })

  it('asks a person when somebody else was faster, and writes on top of theirs if told to', async () => {
    const theirs = { title: 'T', body: 'theirs', version: 5 }
    const send = vi
      .fn()
      .mockRejectedValueOnce(new ApiError(409, 'conflict', 'Too late.', null, theirs))
      .mockResolvedValue(article(6))
    const saving = useSaving({ send, keep: () => undefined })
    saving.begin(article(1))
    saving.change(words('mine'))
    await saving.flush()
    expect(saving.state.value).toBe('clash')
    saving.change(words('mine, more'))
    await saving.flush()
    expect(send).toHaveBeenCalledTimes(1)
    await saving.keepMine()
    expect(send).toHaveBeenLastCalledWith(words('mine, more'), 5)
    expect(saving.state.value).toBe('saved')
  })
})
