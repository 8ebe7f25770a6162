// Work offered to me for a short time: accept, decline, or let it lapse.
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { get, put, sentenceOf } from '@/lib/api'
import { chime } from '@/lib/chime'
import { t } from '@/lib/i18n'
import { ringOnce } from '@/lib/ring'
import { markTitle } from '@/lib/title'
import type { CaseDetail, Offer, Rows } from '@/lib/types'
import { useCases } from './cases'
import { useSession } from './session'
import { useToasts } from './toasts'

export const useOffers = defineStore('offers', () => {
  const session = useSession()
  const list = ref<Offer[]>([])

  let asked = 0
  async function refresh(): Promise<void> {
    // Who works no cases is offered none.
    if (!session.may('work_cases')) return
    const mine = ++asked
    const { rows } = await get<Rows<Offer>>('/offers').catch(() => ({ rows: list.value }))
    // Answers may overtake each other: an older one would take an offer off the screen and bring it back.
    if (mine !== asked) return
    if (rows[0]) session.clockOffset = Date.parse(rows[0].now) - Date.now()
    list.value = rows
  }

  const known = new Set<number>()
  const shown = new Map<number, Notification>()
  const ask = ringOnce(ring)
  watch(list, (now) => {
    markTitle(now.length)
    for (const { id } of now) if (!known.has(id)) ask(id)
    for (const { id } of now) known.add(id)
    for (const [id, notice] of shown) if (!now.some((one) => one.id === id)) putAway(id, notice)
  })

  /** In this tab of all: a sound, and a notice of the desktop for whoever looks elsewhere. */
  function ring(id: number): void {
    const offer = list.value.find((one) => one.id === id)
    if (!offer) return
    if (session.preferences?.sounds) void chime()
    if (session.preferences?.notifications && !document.hasFocus()) notify(offer)
  }

  function notify(offer: Offer): void {
    if (!('Notification' in window) || Notification.permission !== 'granted') return
    const title = t('offer.announce', { name: offer.customer_name })
    const notice = new Notification(title, {
      body: `${offer.queue}: ${offer.case.subject}`,
      tag: `offer-${offer.id}`,
    })
    notice.addEventListener('click', () => {
      window.focus()
      notice.close()
    })
    shown.set(offer.id, notice)
  }

  function putAway(id: number, notice: Notification): void {
    notice.close()
    shown.delete(id)
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
