// The live line of the desk: changes as they happen, the ones we missed, who else is looking.
import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'
import { get, wasUnanswered } from '@/lib/api'
import { boot } from '@/lib/boot'
import { t } from '@/lib/i18n'
import { Heard, plan } from '@/lib/replay'
import { ask, connect, type DeskSocket } from '@/lib/socket'
import type { Change, Person } from '@/lib/types'
import { useCases } from './cases'
import { useDrafts } from './drafts'
import { useList } from './list'
import { useOffers } from './offers'
import { useOutbox } from './outbox'
import { useSession } from './session'
import { useToasts } from './toasts'

const GATHER_MS = 80
const CHECK_MS = 10_000
/** A server that is just back may not hear everything yet that the others tell it. */
const CHECKS_AFTER_RETURN_MS = [1500, 4500]
const TYPING_MS = 2000
const LOST_MS = 2000
const WHISPER_SHOWN = 160
const VISITOR_TYPES_MS = 5000

/** Hears the kinds of what changed; null where so much may have that all is fetched anew. */
type Listener = (kinds: ReadonlySet<string> | null) => void

export const useLive = defineStore('live', () => {
  const session = useSession()
  const cases = useCases()
  const toasts = useToasts()
  const online = ref(true)
  const people = shallowReactive(new Map<number, Person[]>())
  /** Cases whose visitor is typing now, with the timer that ends it. */
  const visitorTypes = shallowReactive(new Map<number, number>())
  const openCase = ref<number | null>(null)
  const listeners = new Set<Listener>()
  let socket: DeskSocket | null = null
  const heard = new Heard(boot?.position ?? 0)
  let gathered: Change[] = []
  let timer = 0
  let lost = 0
  let typedAt = 0

  async function start(): Promise<void> {
    socket = await connect()
    socket.on('change', (change) => {
      gathered.push(change)
      if (!timer) timer = window.setTimeout(applyGathered, GATHER_MS)
    })
    socket.on('presence', ({ case_id, people: there }) => people.set(case_id, there))
    socket.on('visitor', hint)
    socket.on('sign_out', () => location.assign('/sign-in'))
    socket.on('connect', backOnline)
    socket.on('disconnect', () => {
      lost = window.setTimeout(goOffline, LOST_MS)
    })
    socket.io.on('reconnect_error', goOffline)
    addEventListener('offline', goOffline)
    setInterval(() => void check(), CHECK_MS)
  }

  /** What a visitor's page lets us know in passing; nobody keeps it. */
  function hint({ case_id, typing, read }: { case_id: number; typing?: boolean; read?: number }): void {
    if (read) cases.noteRead(case_id, read)
    if (!typing) return
    clearTimeout(visitorTypes.get(case_id))
    visitorTypes.set(
      case_id,
      window.setTimeout(() => visitorTypes.delete(case_id), VISITOR_TYPES_MS),
    )
  }

  async function backOnline(): Promise<void> {
    clearTimeout(lost)
    const wasAway = !online.value
    online.value = true
    if (openCase.value) await look(openCase.value)
    await replay().then(catchUp).catch(goOffline)
    for (const after of CHECKS_AFTER_RETURN_MS) setTimeout(() => void check(), after)
    if (wasAway) toasts.announce(t('live.back'))
    useDrafts().flush()
    await useOutbox().flush()
  }

  function goOffline(): void {
    if (!online.value || socket?.connected) return
    online.value = false
    toasts.announce(t('live.offline'))
  }

  /** Events get lost on the way at times: we compare how far we are sure to be with how far the server is. */
  async function check(): Promise<void> {
    if (!socket?.connected) return
    const answer = await ask(socket, 'position', {})
    if (answer.ok && (answer.position ?? 0) > heard.sure && !gathered.length)
      await replay().catch(() => undefined)
    await catchUp().catch(() => undefined)
  }

  /** A change that was heard is fetched once. Where the line broke meanwhile, all that is shown is fetched anew. */
  async function catchUp(): Promise<void> {
    if (wasUnanswered()) await fetchShown()
  }

  /** Asks for what we missed. When it is too much, everything visible is fetched anew. */
  async function replay(): Promise<void> {
    const missed = await get<{ position: number; reload: boolean; changes: Change[] }>('/changes', {
      since: heard.sure,
    })
    if (missed.reload) await fetchShown()
    apply(missed.changes)
    heard.upTo(missed.position)
  }

  async function fetchShown(): Promise<void> {
    for (const id of cases.details.keys()) cases.markStale(id)
    await Promise.all([
      useList().refresh(),
      session.refreshCounters(),
      session.refreshSetup(),
      session.refreshMe(),
      useOffers().refresh(),
    ])
    if (openCase.value) await cases.load(openCase.value, true)
    for (const listener of listeners) listener(null)
  }

  function applyGathered(): void {
    const changes = gathered
    gathered = []
    timer = 0
    apply(changes)
  }

  function apply(told: readonly Change[]): void {
    const changes = heard.news(told)
    if (!changes.length) return
    // What changed may be due at this very moment: time is told anew with it.
    session.tick()
    const found = plan(heard.sure, changes)
    for (const id of found.cases) {
      cases.markStale(id)
      if (id === openCase.value) void refreshOpen(id, found.newMessages.has(id))
    }
    for (const [id, agentId] of found.whispers) if (agentId === session.me?.id) void tellWhisper(id)
    for (const id of found.newMessages) {
      clearTimeout(visitorTypes.get(id))
      visitorTypes.delete(id)
    }
    const kinds = new Set(changes.map((one) => one.kind))
    for (const listener of listeners) listener(kinds)
    if (kinds.has('reminder_due'))
      void import('./reminders').then((its) => its.useReminders().tell()).catch(() => undefined)
    if (kinds.has('calibration_changed'))
      void import('../pages/coaching/calibration')
        .then((its) => its.tellCalibrations())
        .catch(() => undefined)
    if (kinds.has('reply_held_back'))
      void import('./scheduled').then((its) => its.useScheduled().tell()).catch(() => undefined)
    if (found.list) useList().refreshSoon()
    if (found.offers) void useOffers().refresh()
    if (session.me && found.agents.has(session.me.id)) void session.refreshMe().catch(() => undefined)
    if (found.setup) void session.refreshSetup().catch(() => undefined)
    void session.refreshCounters().catch(() => undefined)
  }

  async function refreshOpen(id: number, expectsMessage: boolean): Promise<void> {
    const seen = cases.details.get(id)?.position ?? 0
    await cases.load(id, true)
    const newest = cases.details.get(id)?.messages.findLast((m) => m.position > seen && m.kind === 'inbound')
    if (expectsMessage && newest) toasts.announce(t('live.new_message', { name: newest.author.name }))
    if (document.visibilityState === 'visible') cases.markRead(id)
  }

  /** A whisper reaches the ear it is meant for, wherever that agent looks. */
  async function tellWhisper(id: number): Promise<void> {
    await cases.load(id, true)
    const note = cases.details.get(id)?.messages.findLast((m) => m.whisper)
    if (!note) return
    const text = note.text.length > WHISPER_SHOWN ? `${note.text.slice(0, WHISPER_SHOWN)}…` : note.text
    toasts.tell(t('live.whisper', { name: note.author.name, text }), `/desk/cases/${id}`)
  }

  /** Says which case is on screen; answers who else is there. */
  async function look(caseId: number | null): Promise<void> {
    openCase.value = caseId
    if (!socket) return
    const answer = await ask(socket, 'viewing', { case_id: caseId })
    if (caseId && answer.ok && answer.people) people.set(caseId, answer.people)
  }

  function typing(caseId: number, kind: 'reply' | 'note'): void {
    if (!socket || Date.now() - typedAt < TYPING_MS) return
    typedAt = Date.now()
    void ask(socket, 'typing', { case_id: caseId, kind })
  }

  const others = (caseId: number): Person[] =>
    (people.get(caseId) ?? cases.details.get(caseId)?.people ?? []).filter(
      (p) => p.agent_id !== session.me?.id,
    )

  /** Calls back at every change, until the answer is called. */
  function listen(listener: Listener): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  return { online, openCase, visitorTypes, start, look, typing, others, listen }
})
