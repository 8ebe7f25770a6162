// Asking the server what fits the words typed so far: the last question counts, earlier answers are dropped.

/** An article that may answer. */
export interface Hit {
  title: string
  url: string
  collection: string
  language: string
  direction: string
}

const PAUSE_MS = 160

/** Calls `show` with what fits the words of the last call, after a pause in the typing; with null for none. */
export function asker(show: (hits: Hit[] | null) => void): (words: string) => void {
  let timer = 0
  let asked: AbortController | undefined
  return (words) => {
    clearTimeout(timer)
    asked?.abort()
    const question = words.trim()
    if (question.length < 2) return show(null)
    timer = window.setTimeout(async () => {
      asked = new AbortController()
      try {
        const answer = await fetch(`/help/suggestions?q=${encodeURIComponent(question.slice(-200))}`, {
          signal: asked.signal,
        })
        if (answer.ok) show(((await answer.json()) as { rows: Hit[] }).rows)
      } catch {
        // Suggestions are a help, not a need: without a line there are none.
      }
    }, PAUSE_MS)
  }
}
