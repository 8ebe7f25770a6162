// What else is known of a customer: names with values, edited as lines of text.
type Attributes = Record<string, unknown>
export interface Line {
  key: string
  value: string
}

export const linesOf = (attributes: Attributes): Line[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: String(value ?? '') }))

/** Lines without a name are left out; a value nobody touched stays what it was, also a number. */
export function attributesOf(lines: readonly Line[], before: Attributes): Attributes {
  const named = lines.map((line) => ({ key: line.key.trim(), value: line.value.trim() })).filter((l) => l.key)
  return Object.fromEntries(
    named.map(({ key, value }) => [key, String(before[key] ?? '') === value ? before[key] : value]),
  )
}
