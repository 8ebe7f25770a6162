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
/** Of a message, a word or two tell nothing yet, and what is suggested first is what counts. */
export const LEAST_LETTERS = 12

/** What the server says: articles that fit, or that they are withheld from this browser. */
export interface Suggested {
  rows: Hit[]
  withheld: boolean
}

/** Calls `show` with what fits the words of the last call, after a pause in the typing; with null for none.

`door` says where somebody writes, and `least` from how many letters on it tells what it is about. A page
without a cookie of ours says who it is by its `reader`. */
export function asker(
  door: 'search' | 'contact' | 'widget',
  show: (said: Suggested | null, words: string) => void,
  { least = 2, reader = '' } = {},
): (words: string) => void {
  let timer = 0
  let asked: AbortController | undefined
  return (words) => {
    clearTimeout(timer)
    asked?.abort()
    const question = words.trim()
    if (question.length < least) return show(null, '')
    timer = window.setTimeout(async () => {
      asked = new AbortController()
      try {
        const who = reader && `&reader=${reader}`
        const answer = await fetch(`/help/suggestions?q=${encodeURIComponent(question.slice(-200))}${who}`, {
          headers: { 'X-Desk-Door': door },
          signal: asked.signal,
        })
        if (answer.ok) show((await answer.json()) as Suggested, question)
      } catch {
        // Suggestions are a help, not a need: without a line there are none.
      }
    }, PAUSE_MS)
  }
}
