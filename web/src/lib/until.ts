// The moments people snooze to, remind themselves at and send at, in their own zone.
import { instantOf, wallTime } from './format'

export interface Moment {
  id: 'later' | 'evening' | 'tomorrow' | 'monday' | 'week'
  at: Date
}

/** An hour of a day in the person's zone; the day is counted from that of `base`. */
function at(base: Date, days: number, hour: number): Date {
  const day = new Date(`${wallTime(base).slice(0, 10)}T00:00Z`)
  day.setUTCDate(day.getUTCDate() + days)
  return instantOf(`${day.toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00`)!
}

/** Choices from now on, soonest first; this evening only while it is still to come. */
export function moments(now: Date): Moment[] {
  const weekday = new Date(`${wallTime(now).slice(0, 10)}T00:00Z`).getUTCDay()
  const toMonday = (8 - weekday) % 7 || 7
  const later = new Date(now.getTime() + 3 * 3_600_000)
  later.setMinutes(0, 0, 0)
  const choices: Moment[] = [
    { id: 'later', at: later },
    { id: 'evening', at: at(now, 0, 18) },
    { id: 'tomorrow', at: at(now, 1, 9) },
    { id: 'monday', at: at(now, toMonday, 9) },
    { id: 'week', at: at(now, 7, 9) },
  ]
  return choices.filter(({ id, at: moment }) => id !== 'evening' || moment > later)
}
