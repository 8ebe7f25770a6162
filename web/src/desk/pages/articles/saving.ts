// Keeping an article while it is written: at once in this browser, soon on the server, one save after another.
import { ref } from 'vue'
import { ApiError, sentenceOf } from '@/lib/api'
import { type Article, type Words, wordsOf } from './types'

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'clash' | 'kept'

interface Ways {
  /** Sends the words, made on the version; rejects with a 409 when somebody else was faster. */
  send: (words: Words, version: number) => Promise<Article>
  /** Keeps the words in this browser; null once the server has them. */
  keep: (words: Words | null) => void
  pauseMs?: number
}

const PAUSE_MS = 1200

export function useSaving({ send, keep, pauseMs = PAUSE_MS }: Ways) {
  const state = ref<SaveState>('saved')
  const why = ref('')
  const theirs = ref<{ title: string; body: string; version: number } | null>(null)
  let version = 0
  let wanted: Words | null = null
  let running: Promise<void> | null = null
  let timer = 0

  /** The article as the server has it: what follows is written on it. */
  function begin(article: Article): void {
    version = article.version
    wanted = theirs.value = null
    state.value = 'saved'
  }

  function change(words: Words): void {
    wanted = wordsOf(words)
    keep(wanted)
    // Until a person has chosen, a save would be refused again.
    if (state.value === 'clash') return
    state.value = 'unsaved'
    clearTimeout(timer)
    timer = window.setTimeout(() => void flush(), pauseMs)
  }

  /** Saves what is not saved yet; settles when nothing is left to save, or saving failed. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    running ??= drain().finally(() => {
      running = null
    })
    return running
  }

  async function drain(): Promise<void> {
    while (wanted && state.value !== 'clash') {
      const words = wanted
      state.value = 'saving'
      try {
        version = (await send(words, version)).version
      } catch (error) {
        fail(error)
        return
      }
      if (wanted !== words) continue
      wanted = null
      keep(null)
      state.value = 'saved'
    }
  }

  function fail(error: unknown): void {
    why.value = sentenceOf(error)
    const current = error instanceof ApiError && error.status === 409 ? error.current : null
    theirs.value =
      current && 'body' in (current as object)
        ? (current as { title: string; body: string; version: number })
        : null
    state.value = theirs.value ? 'clash' : 'kept'
  }

  /** Mine after all: written on top of what the other one wrote, which stays in the history. */
  function keepMine(): Promise<void> {
    if (theirs.value) version = theirs.value.version
    theirs.value = null
    state.value = 'unsaved'
    return flush()
  }

  const hasUnsaved = (): boolean => wanted !== null

  return { state, why, theirs, begin, change, flush, keepMine, hasUnsaved, version: () => version }
}
