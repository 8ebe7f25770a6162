// How well a text answers what was typed: as it stands, at the start of a word first; then its letters in order.

/** 0 when it does not match; higher is better. An empty query matches everything alike. */
export function score(query: string, text: string): number {
  const wanted = query.trim().toLowerCase()
  const found = text.toLowerCase()
  if (!wanted) return 1
  const at = found.indexOf(wanted)
  if (at >= 0) return 1000 - at - (at && inWord(found[at - 1]) ? 200 : 0)
  const gaps = leftOut(wanted, found)
  return gaps > wanted.length ? 0 : Math.max(1, 300 - gaps * 4)
}

const inWord = (letter: string | undefined): boolean => /[\p{L}\p{N}]/u.test(letter ?? '')

/**
 * How many letters are passed over when these are found in order: each at the start of a word, or further on in
 * the word of the one before. Infinity where they are not. "asn" is in "assign", "mit" in "Merge into this".
 */
function leftOut(wanted: string, found: string): number {
  const known = new Map<number, number>()
  const from = (letter: number, before: number): number => {
    if (letter === wanted.length) return 0
    const key = letter * (found.length + 1) + before + 1
    const told = known.get(key)
    if (told !== undefined) return told
    let least = Number.POSITIVE_INFINITY
    let together = letter > 0
    for (let at = before + 1; at < found.length; at++) {
      const starts = !inWord(found[at - 1])
      if (starts && at > before + 1) together = false
      if (found[at] !== wanted[letter] || !(starts || together)) continue
      least = Math.min(least, (starts ? 0 : at - before - 1) + from(letter + 1, at))
    }
    known.set(key, least)
    return least
  }
  return from(0, -1)
}

/** The matching ones, best first; the given order breaks ties. */
export const best = <T>(query: string, list: readonly T[], text: (one: T) => string): T[] =>
  list
    .map((one) => ({ one, points: score(query, text(one)) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ one }) => one)
