import { beforeEach, describe, expect, it, vi } from 'vitest'

const { boot } = vi.hoisted(() => ({ boot: { me: { id: 1 } } }))
vi.mock('./boot', () => ({ boot }))

import { recall, recallAll, remember } from './storage'

describe('what a browser keeps', () => {
  beforeEach(() => {
    localStorage.clear()
    boot.me.id = 1
  })

  it('is kept for one person, and nobody else who signs in finds it', () => {
    remember('draft.7.note', 'Between us')
    boot.me.id = 11
    expect(recall('draft.7.note')).toBeNull()
    expect(recallAll('draft.')).toEqual([])
    boot.me.id = 1
    expect(recall('draft.7.note')).toBe('Between us')
  })

  it('is found by how its key begins', () => {
    remember('outbox.a', { text: 'A' })
    remember('draft.7.note', { text: 'B' })
    expect(recallAll('outbox.')).toEqual([{ text: 'A' }])
  })
})
