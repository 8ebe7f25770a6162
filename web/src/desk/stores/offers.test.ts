import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Offer } from '@/lib/types'
import { useOffers } from './offers'
import { useSession } from './session'

const offer = (id: number): Offer => ({ id, now: new Date().toISOString() }) as Offer

describe('an offer that was answered', () => {
  let told: ((status: number, body: unknown) => void)[] = []

  beforeEach(() => {
    told = []
    setActivePinia(createPinia())
    vi.spyOn(useSession(), 'may').mockReturnValue(true)
    vi.stubGlobal(
      'fetch',
      () =>
        new Promise((done) =>
          told.push((status, body) => done(new Response(JSON.stringify(body), { status }))),
        ),
    )
  })
  afterEach(() => vi.unstubAllGlobals())

  it('does not come back with a list asked for before the server heard of it', async () => {
    const offers = useOffers()
    offers.list = [offer(1)]
    const list = offers.refresh()
    const refused = offers.refuse(offer(1))
    told[0]?.(200, { rows: [offer(1), offer(2)] })
    await list
    expect(offers.list.map((one) => one.id)).toEqual([2])
    told[1]?.(200, {})
    await refused
  })

  it('comes back where the server did not take the answer and still offers it', async () => {
    const offers = useOffers()
    offers.list = [offer(1)]
    const refused = offers.refuse(offer(1))
    told[0]?.(503, { error: { kind: 'unavailable', sentence: 'Try again.' } })
    await refused
    told[1]?.(200, { rows: [offer(1)] })
    await vi.waitFor(() => expect(offers.list.map((one) => one.id)).toEqual([1]))
  })
})
