// One tab rings. Every tab of this browser hears of an offer; they tell each other, and the first in rank rings.
export interface Claim {
  offer: number
  /** Unique to a tab. */
  tab: string
  /** On screen and in front: this one is looked at. */
  visible: boolean
  /** It rings already, whatever the rank of others. */
  rung?: boolean
}

/** Whether my tab is the one that rings, after what the others have claimed. */
export function ringsHere(mine: Claim, others: readonly Claim[]): boolean {
  return others
    .filter((other) => other.offer === mine.offer && other.tab !== mine.tab)
    .every((other) => !other.rung && rank(mine) < rank(other))
}

const rank = ({ visible, tab }: Claim): string => `${visible ? 0 : 1}${tab}`

/** How long the tabs listen to each other before one rings. A person does not notice it. */
const LISTEN_MS = 200
/** No tab hears of an offer later than this after the others. */
const LATE_MS = 60_000
const KEPT = 200

/** Agrees with the other tabs on who rings; `ring` is called in one of them, once an offer. */
export function ringOnce(ring: (offer: number) => void): (offer: number) => void {
  const tab = crypto.randomUUID()
  const line = new BroadcastChannel('desk-offers')
  let heard: Claim[] = []
  line.addEventListener('message', ({ data }: MessageEvent<Claim>) => {
    heard = [...heard.slice(-KEPT), data]
  })
  return (offer) => {
    const mine: Claim = { offer, tab, visible: document.visibilityState === 'visible' && document.hasFocus() }
    line.postMessage(mine)
    setTimeout(() => {
      if (!ringsHere(mine, heard)) return
      inOneTab(offer, () => {
        line.postMessage({ ...mine, rung: true })
        ring(offer)
      })
    }, LISTEN_MS)
  }
}

/** What the tabs tell each other may come late on a busy machine: the browser lets in the first alone. */
function inOneTab(offer: number, ring: () => void): void {
  const alone = async (lock: Lock | null): Promise<void> => {
    if (!lock) return
    ring()
    await new Promise((done) => setTimeout(done, LATE_MS))
  }
  // A page that came over plain HTTP has no locks.
  if (navigator.locks) void navigator.locks.request(`desk-offer-${offer}`, { ifAvailable: true }, alone)
  else ring()
}
