// A page that shows more than cases is fetched anew when something of its kind changed, and not too often.
import { onScopeDispose } from 'vue'
import { soon } from '@/lib/soon'
import { useLive } from './live'

/** A run of the night changes many things at once. */
const GATHER_MS = 400

/**
 * Calls `load` after a change of one of these kinds, or of any, for as long as the page stands; so many
 * milliseconds lie between two calls at least, one ends before the next begins, and the last change is never missed.
 */
export function useNews(kinds: readonly string[] | 'any', load: () => unknown, rest = 1000): void {
  let last = Date.now()
  const loading = soon(
    () => {
      last = Date.now()
      return load()
    },
    () => Math.max(GATHER_MS, last + rest - Date.now()),
  )
  const stop = useLive().listen((heard) => {
    if (kinds === 'any' || !heard || kinds.some((kind) => heard.has(kind))) loading.call()
  })
  onScopeDispose(() => {
    stop()
    loading.stop()
  })
}
