// Questions in SQL over the facts: what is asked and answered, as the server tells it.
import { respond, url } from '@/lib/api'
import { stamp } from '@/lib/format'

export interface Answer {
  facts_from: string
  newer_coming: boolean
  columns: { name: string; type: string }[]
  rows: Cell[][]
  more: boolean
}
export type Cell = string | number | boolean | null

export interface FactTables {
  facts_from: string | null
  newer_coming: boolean
  tables: FactTable[]
  examples: { title: string; sql: string }[]
}
export interface FactTable {
  name: string
  meaning: string
  rows: number | null
  columns: { name: string; type: string; meaning: string }[]
}

/** The server waits 5 s for its turn, 20 for the answer and 10 for a process; a file takes a while to come. */
const WAIT_MS = 40_000

const ask = (sql: string, format: string, signal: AbortSignal) =>
  respond('POST', url('/facts/queries'), { sql, format }, WAIT_MS, signal)

export const answerTo = async (sql: string, signal: AbortSignal): Promise<Answer> =>
  (await ask(sql, 'json', signal)).json()

/** Up to 100,000 rows as CSV; `more` where rows were left off. */
export async function fileFor(sql: string, signal: AbortSignal): Promise<{ file: Blob; more: boolean }> {
  const response = await ask(sql, 'csv', signal)
  return { file: await response.blob(), more: response.headers.get('X-Rows-Left-Off') === 'true' }
}

/** Whether a column of DuckDB's type holds numbers, which stand at the right. */
export const isNumeric = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(.*\)|FLOAT|DOUBLE)$/.test(type)

/** Whether it holds moments, which are shown in the person's zone. */
export const isMoment = (type: string): boolean => type === 'TIMESTAMP WITH TIME ZONE'

/** A cell as text; a fraction without the noise of its last binary digits, a moment in the person's zone. */
export function shown(cell: Cell, type: string): string {
  if (typeof cell === 'number' && !Number.isInteger(cell)) return String(Number(cell.toPrecision(12)))
  if (isMoment(type) && !Number.isNaN(Date.parse(String(cell)))) return stamp(String(cell))
  return String(cell)
}

/** What to type for a name between these neighbours, so that two words never grow together. */
export const spaced = (before: string, name: string, after: string): string =>
  `${/[\w"]$/.test(before) ? ' ' : ''}${name}${/^[\w"]/.test(after) ? ' ' : ''}`

export interface Place {
  line: number
  column: number
  /** Where it is in the text, and how long what is wrong is. */
  at: number
  length: number
}

/** Where in the text DuckDB's marker points; null where it points nowhere, or the line is another. */
export function faultIn(sentence: string, sql: string): Place | null {
  const told = /^(LINE (\d+): )(.*)\n( *)(\^+)/m.exec(sentence)
  if (!told) return null
  const [, label = '', counted, words = '', indent = '', marks = ''] = told
  // The server leaves off what is empty around the query, and counts lines from there.
  const begun = sql.length - sql.trimStart().length
  const first = sql.slice(0, begun).split('\n')
  const lines = sql.slice(begun).trimEnd().split('\n')
  const number = Number(counted)
  const from = shownFrom(lines[number - 1] ?? '', words)
  if (from === null) return null
  const column = indent.length - label.length + from
  const before = lines.slice(0, number - 1).reduce((sum, one) => sum + one.length + 1, begun)
  return {
    line: first.length - 1 + number,
    column: column + 1 + (number === 1 ? (first.at(-1)?.length ?? 0) : 0),
    at: before + column,
    length: marks.length,
  }
}

/** From which character of a long line DuckDB shows it, less the dots before; null where it is another line. */
function shownFrom(line: string, words: string): number | null {
  if (line === words) return 0
  const part = words.replace(/^\.{3}|\.{3}$/g, '')
  const at = line.indexOf(part)
  if (part === words || at < 0 || at !== line.lastIndexOf(part)) return null
  return at - (words.startsWith('...') ? 3 : 0)
}
