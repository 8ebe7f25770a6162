// The order of a list after its first page came again.

/**
 * The fresh first page, then what was loaded below it. The tail starts after the last fresh row we
 * knew, so a row pushed below the first page stays, and one that left the view goes.
 */
export function freshOrder(
  here: readonly number[],
  page: readonly number[],
  pageSize: number,
  hasMore: boolean,
): { ids: number[]; keptTail: boolean } {
  if (!hasMore || here.length <= pageSize) return { ids: [...page], keptTail: false }
  const fresh = new Set(page)
  const lastKnown = here.findLastIndex((id) => fresh.has(id))
  if (lastKnown < 0) return { ids: [...page], keptTail: false }
  return { ids: [...page, ...here.slice(lastKnown + 1)], keptTail: true }
}

/** Where the keyboard stands after the list moved: on its case, or on what took the place of one that left. */
export function standing(here: readonly number[], at: number, order: readonly number[]): number {
  const places = new Map(order.map((id, index) => [id, index]))
  for (const id of here.slice(at)) {
    const place = places.get(id)
    if (place !== undefined) return place
  }
  return Math.max(0, Math.min(at, order.length - 1))
}
