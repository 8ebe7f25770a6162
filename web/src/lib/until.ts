// The moments people snooze to.

export interface Moment {
  id: 'later' | 'evening' | 'tomorrow' | 'monday' | 'week'
  at: Date
}

const at = (base: Date, days: number, hour: number): Date =>
  new Date(base.getFullYear(), base.getMonth(), base.getDate() + days, hour)

/** Choices from now on, soonest first; this evening only while it is still to come. */
export function moments(now: Date): Moment[] {
  const toMonday = (8 - now.getDay()) % 7 || 7
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
