// Work offered to me for a short time: accept, decline, or let it lapse.
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { get, put, sentenceOf } from '@/lib/api'
import { t } from '@/lib/i18n'
import { newest } from '@/lib/newest'
import { ringOnce } from '@/lib/ring'
import { markTitle } from '@/lib/title'
import type { CaseDetail, Offer, Rows } from '@/lib/types'
import { useCases } from './cases'
import { useSession } from './session'
import { useToasts } from './toasts'

export const useOffers = defineStore('offers', () => {
  const session = useSession()
  const list = ref<Offer[]>([])

  /** What is answered here is off the screen, whatever was asked of the server before it heard of that. */
  const answered = new Set<number>()
  // Answers may overtake each other: an older one would take an offer off the screen and bring it back.
  const fetchOffers = newest(
    () => get<Rows<Offer>>('/offers'),
    ({ rows }) => {
      if (rows[0]) session.clockOffset = Date.parse(rows[0].now) - Date.now()
      list.value = rows.filter((one) => !answered.has(one.id))
    },
  )

  /** Who works no cases is offered none. */
  async function refresh(): Promise<void> {
    if (session.may('work_cases')) await fetchOffers().catch(() => undefined)
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
    // Fetched when it is heard first, as the dialog is that it goes with.
    if (session.preferences?.sounds)
      void import('@/lib/chime').then((its) => its.chime()).catch(() => undefined)
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

  /** Off the screen at once; where the server does not take the answer, what it says counts. */
  async function answer<T>(offer: Offer, how: 'acceptance' | 'refusal'): Promise<T | null> {
    answered.add(offer.id)
    drop(offer.id)
    try {
      return await put<T>(`/offers/${offer.id}/${how}`)
    } catch (error) {
      useToasts().complain(sentenceOf(error))
      answered.delete(offer.id)
      void refresh()
      return null
    }
  }

  /** Answers the id of the case when it is mine now. */
  async function accept(offer: Offer): Promise<number | null> {
    const detail = await answer<CaseDetail>(offer, 'acceptance')
    if (!detail) return null
    useCases().keep(detail)
    return detail.case.id
  }

  async function refuse(offer: Offer): Promise<void> {
    await answer(offer, 'refusal')
  }

  return { list, refresh, accept, refuse, drop }
})
