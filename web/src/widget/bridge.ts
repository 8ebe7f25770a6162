// What the shop's page and our frame say to each other. Both sides check who speaks, and name whom they mean.
import type { Look, Theme } from './preview'

export type ToFrame =
  | { desk: 'hello'; token: string | null; waiting: string | null; page: string; open: boolean }
  | { desk: 'shown'; open: boolean }
  | { desk: 'identify'; token: string | null }
  | { desk: 'preview'; look: Look; theme: Theme }

export type FromFrame =
  | { desk: 'ready' }
  | { desk: 'close' }
  | { desk: 'token'; token: string | null }
  | { desk: 'waiting'; waiting: string | null }
  | { desk: 'active'; active: boolean }
  | { desk: 'unread'; count: number }

export interface Bridge {
  say(message: FromFrame): void
}

/** The line to the page around us. `origin` is where it says it stands; only a site of the channel, or a page of ours, is listened to. */
export function bridge(
  origin: string,
  sites: readonly string[],
  hear: (said: ToFrame) => void,
): Bridge | null {
  if (window.parent === window || ![...sites, location.origin].includes(origin)) return null
  addEventListener('message', (event: MessageEvent<ToFrame>) => {
    if (event.source === window.parent && event.origin === origin && event.data?.desk) hear(event.data)
  })
  return { say: (message) => window.parent.postMessage(message, origin) }
}
