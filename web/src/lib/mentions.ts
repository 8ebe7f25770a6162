// Who is mentioned in a note.
import type { Named } from './nouns'

/** The ids of the people whose full name stands after an @. */
export const mentioned = (text: string, people: readonly Named[]): number[] =>
  people.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id)
