// One question at a time: it ends with its answer, when it is given up, or when the page is left.
import { onUnmounted, ref, shallowRef } from 'vue'
import { ApiError, sentenceOf } from '@/lib/api'
import { t } from '@/lib/i18n'

const AGAIN_MS = 5000

/** `said` is for everybody to read, `wrong` why there is no answer. A desk that is not ready is asked again by itself. */
export function useAsking(notReady: () => void) {
  const asking = shallowRef<AbortController | null>(null)
  const said = ref('')
  const wrong = ref('')
  let again = 0

  async function attempt(busy: string, ask: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (asking.value) return
    const mine = new AbortController()
    asking.value = mine
    wrong.value = ''
    said.value = t(busy)
    await until(mine, ask)
  }
  async function until(mine: AbortController, ask: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await ask(mine.signal)
    } catch (error) {
      if (mine.signal.aborted) return
      if (error instanceof ApiError && error.kind === 'unavailable' && error.status === 503) {
        said.value = t('explore.again', { sentence: error.message })
        notReady()
        again = window.setTimeout(() => void until(mine, ask), AGAIN_MS)
        return
      }
      wrong.value = sentenceOf(error)
      said.value = ''
    }
    if (asking.value === mine) asking.value = null
  }
  function giveUp(): void {
    window.clearTimeout(again)
    asking.value?.abort()
    asking.value = null
    said.value = t('explore.given_up')
  }
  onUnmounted(giveUp)
  return { asking, said, wrong, attempt, giveUp }
}
