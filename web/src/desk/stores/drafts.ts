// What is being written: kept in this browser at once and on the server after two seconds, per case and kind.
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { del, put } from '@/lib/api'
import { placeOf, recall, remember } from '@/lib/storage'
import type { Draft, DraftKind } from '@/lib/types'
import { useCases } from './cases'

export interface LocalDraft extends Draft {
  state: 'typing' | 'saving' | 'saved' | 'local'
}

const SERVER_AFTER_MS = 2000
const name = (id: number, kind: DraftKind): string => `draft.${id}.${kind}`
const isEmpty = (draft: Draft): boolean => !draft.text.trim() && !draft.files.length

export const useDrafts = defineStore('drafts', () => {
  const cases = useCases()
  const drafts = reactive(new Map<string, LocalDraft>())
  const timers = new Map<string, number>()
  /** What is said to the server of a draft goes one after the other: none overtakes what was said before. */
  const lines = new Map<string, Promise<unknown>>()
  const tabs = new BroadcastChannel(placeOf('drafts'))

  tabs.onmessage = ({ data }: MessageEvent<{ key: string; draft: LocalDraft | null }>) => {
    if (data.draft) drafts.set(data.key, data.draft)
    else drafts.delete(data.key)
  }

  /** The draft to go on with: this browser's when it is newer than the server's. */
  function find(id: number, kind: DraftKind): LocalDraft | null {
    const key = name(id, kind)
    const held = drafts.get(key)
    if (held) return held
    const local = recall<LocalDraft>(key)
    const remote = cases.details.get(id)?.drafts[kind]
    const newer = local && (!remote?.saved_at || (local.saved_at ?? '') >= remote.saved_at) ? local : remote
    if (!newer || isEmpty(newer)) return null
    drafts.set(key, { ...newer, state: newer === local ? 'local' : 'saved' })
    // What the server had once and has no longer was sent or thrown away elsewhere: it does not go back there.
    if (newer === local && local.state !== 'saved') uploadLater(id, kind)
    return drafts.get(key)!
  }

  function save(id: number, kind: DraftKind, draft: Draft): void {
    if (isEmpty(draft) && !draft.to && !draft.cc) {
      clear(id, kind)
      return
    }
    const key = name(id, kind)
    const kept: LocalDraft = { ...draft, saved_at: new Date().toISOString(), state: 'typing' }
    drafts.set(key, kept)
    share(key, kept)
    if (!isEmpty(draft)) cases.paint(id, { draft: true })
    uploadLater(id, kind)
  }

  /** The line is back: what is kept here alone goes to the server. */
  function flush(): void {
    for (const [key, draft] of drafts) {
      const [, id, kind] = key.split('.')
      if (draft.state === 'local') void upload(Number(id), kind as DraftKind)
    }
  }

  function uploadLater(id: number, kind: DraftKind): void {
    const key = name(id, kind)
    clearTimeout(timers.get(key))
    timers.set(
      key,
      window.setTimeout(() => void upload(id, kind), SERVER_AFTER_MS),
    )
  }

  async function upload(id: number, kind: DraftKind): Promise<void> {
    const key = name(id, kind)
    const draft = drafts.get(key)
    clearTimeout(timers.get(key))
    if (!draft) return
    const { text, files, to, cc } = draft
    draft.state = 'saving'
    const kept = { text, files: files.map((f) => f.token), to, cc }
    const state = await inTurn(key, () => put(`/cases/${id}/drafts/${kind}`, kept)).then(
      () => 'saved' as const,
      () => 'local' as const,
    )
    if (drafts.get(key) !== draft || draft.state !== 'saving') return
    draft.state = state
    remember(key, draft)
  }

  function clear(id: number, kind: DraftKind): void {
    const key = name(id, kind)
    clearTimeout(timers.get(key))
    const wasSaved = !!drafts.get(key) || !!cases.details.get(id)?.drafts[kind]
    drafts.delete(key)
    share(key, null)
    const detail = cases.details.get(id)
    if (detail) detail.drafts[kind] = null
    cases.paint(id, { draft: false })
    // Unreachable: the server's copy goes with the next save, and the local one is already gone.
    if (wasSaved) inTurn(key, () => del(`/cases/${id}/drafts/${kind}`)).catch(() => undefined)
  }

  function inTurn<T>(key: string, say: () => Promise<T>): Promise<T> {
    const before = lines.get(key) ?? Promise.resolve()
    const said = before.catch(() => undefined).then(say)
    lines.set(key, said)
    return said
  }

  function share(key: string, draft: LocalDraft | null): void {
    remember(key, draft)
    tabs.postMessage({ key, draft: draft && JSON.parse(JSON.stringify(draft)) })
  }

  return { find, save, clear, flush, drafts }
})
