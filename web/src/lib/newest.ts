// Answers overtake each other on their way: one that was asked for earlier never takes the place of a later one.

/** Asks, and hands the answer to `take` unless a later question has been answered already. */
export function newest<T>(ask: () => Promise<T>, take: (answer: T) => void): () => Promise<void> {
  let asked = 0
  let taken = 0
  return async () => {
    const mine = ++asked
    const answer = await ask()
    if (mine < taken) return
    taken = mine
    take(answer)
  }
}
