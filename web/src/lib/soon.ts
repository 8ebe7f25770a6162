// Many wishes in a moment are one deed, however long they go on and however long the deed takes.

export interface Soon {
  /** Wishes for the deed. */
  call: () => void
  /** Nothing is done any more. */
  stop: () => void
}

/** Does `deed` after `wait()` milliseconds; one ends before the next begins, and a wish that came meanwhile is kept. */
export function soon(deed: () => unknown, wait: () => number): Soon {
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy = false
  let again = false
  let over = false

  function call(): void {
    again = busy
    if (timer === undefined && !busy && !over) timer = setTimeout(() => void act(), wait())
  }

  async function act(): Promise<void> {
    timer = undefined
    busy = true
    try {
      await deed()
    } finally {
      busy = false
      if (again) call()
    }
  }

  function stop(): void {
    over = true
    clearTimeout(timer)
  }

  return { call, stop }
}
