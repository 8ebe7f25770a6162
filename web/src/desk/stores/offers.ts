// Work offered to me for a short time: accept, decline, or let it lapse.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { get, put, sentenceOf } from '@/lib/api'
import type { CaseDetail, Offer, Rows } from '@/lib/types'
import { useCases } from './cases'
import { useSession } from './session'
import { useToasts } from './toasts'

export const useOffers = defineStore('offers', () => {
  const session = useSession()
  const list = ref<Offer[]>([])

  async function refresh(): Promise<void> {
    const { rows } = await get<Rows<Offer>>('/offers').catch(() => ({ rows: list.value }))
    if (rows[0]) session.clockOffset = Date.parse(rows[0].now) - Date.now()
    list.value = rows
  }

  const drop = (id: number): void => {
    list.value = list.value.filter((offer) => offer.id !== id)
  }

  /** Answers the id of the case when it is mine now. */
  async function accept(offer: Offer): Promise<number | null> {
    drop(offer.id)
    try {
      const detail = await put<CaseDetail>(`/offers/${offer.id}/acceptance`)
      useCases().keep(detail)
      return detail.case.id
    } catch (error) {
      useToasts().complain(sentenceOf(error))
      return null
    }
  }

  async function refuse(offer: Offer): Promise<void> {
    drop(offer.id)
    await put(`/offers/${offer.id}/refusal`).catch((error) => useToasts().complain(sentenceOf(error)))
  }

  return { list, refresh, accept, refuse, drop }
})
