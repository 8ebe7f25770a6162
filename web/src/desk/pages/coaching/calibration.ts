// Calibration as the server writes it, and what a reviewer is told of it.
import { get } from '@/lib/api'
import { addTexts, t } from '@/lib/i18n'
import texts from '@/locales/en.calibration.json'
import { useToasts } from '../../stores/toasts'

addTexts(texts)

export const CRITERIA = ['understood', 'right', 'clear', 'tone', 'procedure'] as const
export type Criterion = (typeof CRITERIA)[number]
export const LEVELS = [1, 2, 3, null] as const
export type Level = (typeof LEVELS)[number]
export type Levels = Record<Criterion, Level>

export interface Judgement {
  name: string
  levels: Levels | null
  comment: string | null
  at: string | null
}
export interface Calibration {
  id: number
  case_id: number
  subject: string
  agent: { id: number; name: string }
  asked_by_me: boolean
  at: string
  state: 'mine_missing' | 'mine_given' | 'both'
  other_given: boolean
  mine: Judgement
  other: Judgement
  differ: Criterion[] | null
  agreed: string | null
}

export const levelText = (level: Level): string => t(`calibration.level.${level ?? 'none'}`)

const TOLD_MS = 15 * 60_000
const said = new Set<string>()

/** Says what was just asked of this person, and where the other has judged by now. */
export async function tellCalibrations(): Promise<void> {
  const { rows } = await get<{ rows: Calibration[] }>('/coaching/calibrations')
  for (const one of rows) {
    const asked = one.state === 'mine_missing' && !one.asked_by_me
    const at = asked ? one.at : one.state === 'both' ? one.other.at : null
    const key = `${one.id} ${one.state}`
    if (!at || said.has(key) || Date.now() - Date.parse(at) > TOLD_MS) continue
    // Who judged last sees both at once, and needs no word.
    if (one.state === 'both' && (one.mine.at ?? '') > at) continue
    said.add(key)
    const what = asked ? 'told_asked' : 'told_judged'
    const text = t(`calibration.${what}`, { name: one.other.name, id: one.case_id })
    useToasts().tell(text, `/desk/coaching/calibration/${one.id}`)
    useToasts().announce(text)
  }
}
