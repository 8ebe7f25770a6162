// A table as a file for spreadsheets (RFC 4180).

// A cell that starts like a formula would be run by the spreadsheet that opens it.
const FORMULA = /^[=+\-@\t\r]/

function cell(value: string | number | boolean | null): string {
  const text = String(value ?? '')
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Lines of cells as CSV, with the mark that makes spreadsheets read UTF-8. */
export const toCsv = (lines: readonly (readonly (string | number | boolean | null)[])[]): string =>
  `\ufeff${lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')}`

export const csvFile = (lines: Parameters<typeof toCsv>[0]): Blob =>
  new Blob([toCsv(lines)], { type: 'text/csv;charset=utf-8' })
