// How well a text answers what was typed: word starts first, then letters in order.

/** 0 when it does not match; higher is better. An empty query matches everything alike. */
export function score(query: string, text: string): number {
  const wanted = query.trim().toLowerCase()
  const found = text.toLowerCase()
  if (!wanted) return 1
  const at = found.indexOf(wanted)
  if (at >= 0) return 1000 - at - (at && /[\p{L}\p{N}]/u.test(found[at - 1] ?? '') ? 200 : 0)
  let position = -1
  let gaps = 0
  for (const letter of wanted) {
    const next = found.indexOf(letter, position + 1)
    if (next < 0) return 0
    gaps += next - position - 1
    position = next
  }
  return Math.max(1, 300 - gaps * 4)
}

/** The matching ones, best first; the given order breaks ties. */
export const best = <T>(query: string, list: readonly T[], text: (one: T) => string): T[] =>
  list
    .map((one) => ({ one, points: score(query, text(one)) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ one }) => one)
