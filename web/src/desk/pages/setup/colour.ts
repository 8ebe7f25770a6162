// The brand's colour as the widget uses it: dark enough for white words, by the rule of the server.
const READABLE = 4.5

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)

function contrastWithWhite(parts: readonly number[]): number {
  const [red, green, blue] = parts.map((part) => linear(part / 255)) as [number, number, number]
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/** The colour itself, or the nearest darker one of its kind; null while it is no colour yet. */
export function readable(colour: string): string | null {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return null
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  for (let step = 100; ; step--) {
    const darker = parts.map((part) => Math.floor((part * step) / 100))
    if (contrastWithWhite(darker) >= READABLE)
      return `#${darker.map((part) => part.toString(16).padStart(2, '0')).join('')}`
  }
}
