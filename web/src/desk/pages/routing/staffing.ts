// What is to come by half hour, as the desk tells it, and what is made of it.
export interface HalfHour {
  starts: string
  contacts: number
  low: number
  high: number
  agents: number
  busy_agents: number
}
export interface DayAhead {
  day: string
  half_hours: HalfHour[]
}
export interface Staffing {
  made_at: string | null
  problem: string | null
  zone: string
  days: DayAhead[]
}
export interface Handling {
  learnt_at: string | null
  in_use: boolean
  rows: {
    agent_id: number
    agent: string
    queue_id: number | null
    queue: string | null
    cases: number
    level_speed: number
    speed: number
    minutes: Record<string, number>
  }[]
}
export interface Sums {
  contacts: number
  most: number
  hours: number
}

/** Contacts of these days, the most agents at once, and hours of agents. */
export function sums(days: readonly DayAhead[]): Sums {
  const all = days.flatMap((one) => one.half_hours)
  return {
    contacts: all.reduce((sum, one) => sum + one.contacts, 0),
    most: Math.max(0, ...all.map((one) => one.agents)),
    hours: all.reduce((sum, one) => sum + one.agents, 0) / 2,
  }
}

export const busiest = (day: DayAhead): HalfHour | undefined =>
  day.half_hours.reduce<HalfHour | undefined>(
    (most, one) => (!most || one.contacts > most.contacts ? one : most),
    undefined,
  )

/** Half hours since midnight: 09:30 is 19. */
export const slotOf = (starts: string): number => {
  const [hours = 0, minutes = 0] = starts.split(':').map(Number)
  return hours * 2 + (minutes >= 30 ? 1 : 0)
}

const LEAST = 12

/** The half hours of a picture: from the first to the last in which somebody is expected, and six hours at least. */
export function stretch(day: DayAhead): HalfHour[] {
  const bySlot = new Map(day.half_hours.map((one) => [slotOf(one.starts), one]))
  const slots = [...bySlot.keys()]
  if (!slots.length) return []
  const [earliest, latest] = [Math.min(...slots), Math.max(...slots)]
  const length = Math.max(LEAST, latest - earliest + 1)
  const first = Math.max(
    0,
    Math.min(48 - length, earliest - Math.floor((length - (latest - earliest + 1)) / 2)),
  )
  return Array.from({ length }, (_, at) => {
    const slot = first + at
    const starts = `${String(Math.floor(slot / 2)).padStart(2, '0')}:${slot % 2 ? '30' : '00'}`
    return bySlot.get(slot) ?? { starts, contacts: 0, low: 0, high: 0, agents: 0, busy_agents: 0 }
  })
}

/** A scale's end and step in round numbers, so that at most four lines are drawn. */
export function round(most: number): { end: number; step: number } {
  const rough = Math.max(1, most) / 4
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, ([1, 2, 5, 10].find((one) => one * unit >= rough) ?? 10) * unit)
  return { end: Math.max(step, Math.ceil(most / step) * step), step }
}
