// The frame in the setup: it shows what is being typed, opens no line and sends nothing.
import { type Line, nothing } from './line'
import type { Boot } from './types'

export type Look = Pick<
  Boot,
  'title' | 'greeting' | 'colour' | 'offline_text' | 'pre_chat' | 'help' | 'agents'
>
export type Theme = 'light' | 'dark'

/** Whether the frame stands in a page of ours and shows what that page types. */
export const isPreview = (asked: URLSearchParams): boolean =>
  asked.get('preview') === '1' && asked.get('origin') === location.origin && window.parent !== window

/** A line on which nothing is ever said. */
export function stillLine(): Line {
  const never = async () => ({ ok: false })
  const nowhere = async () => undefined
  const none = () => undefined
  return {
    ...{ state: nothing(), token: () => null, adopt: none, forget: none, open: nowhere, identify: nowhere },
    ...{ say: none, retry: none, discard: none, typing: none, read: none },
    ...{ end: never, score: never, email: never },
  }
}
