// Who is signed in, the reference lists everybody needs, and the counters of the navigation.
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { get, patch, put, sentenceOf } from '@/lib/api'
import { boot } from '@/lib/boot'
import { useTimeZone } from '@/lib/format'
import { t } from '@/lib/i18n'
import { singleKeys } from '@/lib/keys'
import { newest } from '@/lib/newest'
import type { Counters, Me, Preferences, PresenceState, Setup } from '@/lib/types'
import { useToasts } from './toasts'

const STOPPED_MS = 60_000

const NO_SETUP: Setup = {
  queues: [],
  agents: [],
  teams: [],
  categories: [],
  canned: [],
  macros: [],
  views: [],
  channels: [],
  fields: [],
  tags: [],
  resolution_reasons: [],
}
const NO_COUNTERS: Counters = {
  mine: 0,
  unassigned: 0,
  mentions: 0,
  snoozed: 0,
  all_open: 0,
  queues: {},
  quarantine: 0,
}

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(boot?.me ?? null)
  const desk = ref(boot?.desk ?? { name: 'Desk' })
  const setup = ref<Setup>(boot?.setup ?? NO_SETUP)
  const counters = ref<Counters>(boot?.counters ?? NO_COUNTERS)
  /** The server's clock minus ours: every "due" and "ago" counts from the server's. */
  const clockOffset = ref(0)
  const now = ref(Date.now())
  const tick = (): void => {
    now.value = Date.now() + clockOffset.value
  }
  setInterval(tick, 15_000)

  const preferences = computed(() => me.value?.preferences)
  const agentName = (id: number | null): string => setup.value.agents.find((a) => a.id === id)?.name ?? ''
  const queueName = (id: number | null): string => setup.value.queues.find((q) => q.id === id)?.name ?? ''
  const may = (permission: string): boolean => me.value?.permissions.includes(permission) ?? false

  const refreshCounters = newest(
    () => get<Counters>('/counters'),
    (fresh) => {
      counters.value = fresh
    },
  )
  const refreshSetup = newest(
    () => get<Setup>('/setup'),
    (fresh) => {
      setup.value = fresh
    },
  )

  /** What is set here and not yet taken by the server: an answer from before it would take it back. */
  let saving: Promise<unknown> = Promise.resolve()
  let settings = 0
  function save(request: Promise<unknown>): Promise<unknown> {
    settings++
    saving = Promise.allSettled([saving, request])
    return request
  }

  /** We are not as we were: set in another tab, by offers that lapsed, by a long silence, or by an admin. */
  const refreshMe = newest(askMe, (answer) => {
    const was = me.value?.presence.state
    me.value = answer
    if (was !== 'available' || me.value.presence.state === 'available') return
    useToasts().say(t('presence.stopped'), () => void setPresence('available'), STOPPED_MS)
  })

  async function askMe(): Promise<Me> {
    await saving
    const asked = settings
    const answer = await get<Me>('/me')
    return asked === settings ? answer : askMe()
  }

  async function setPresence(state: PresenceState): Promise<void> {
    const before = me.value?.presence
    if (!me.value || !before || before.state === state) return
    me.value.presence = { state, since: new Date().toISOString() }
    await save(put('/me/presence', { state })).catch((error) => {
      if (me.value) me.value.presence = before
      useToasts().complain(sentenceOf(error))
    })
  }

  /** Shows the change at once; a refused one is taken back. */
  async function prefer(change: Partial<Preferences>): Promise<void> {
    if (!me.value) return
    const before = { ...me.value.preferences }
    Object.assign(me.value.preferences, change)
    await save(patch('/me/preferences', change)).catch((error) => {
      if (me.value) me.value.preferences = before
      useToasts().complain(sentenceOf(error))
    })
  }

  watchEffect(() => {
    const {
      theme = 'system',
      density = 'comfortable',
      time_zone,
      single_keys = true,
    } = preferences.value ?? {}
    const root = document.documentElement
    root.dataset.theme = theme
    root.dataset.density = density
    singleKeys.on = single_keys
    useTimeZone(time_zone)
  })

  return {
    me,
    desk,
    setup,
    counters,
    clockOffset,
    now,
    tick,
    preferences,
    agentName,
    queueName,
    may,
    refreshCounters,
    refreshSetup,
    refreshMe,
    setPresence,
    prefer,
  }
})
