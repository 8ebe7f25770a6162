// Plain text cut into words, web addresses and mentions. Only http and https become links.

export interface Piece {
  kind: 'text' | 'link' | 'mention'
  text: string
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The pieces in order; joined again they are the text. */
export function pieces(text: string, names: readonly string[] = []): Piece[] {
  const mention = names.length ? `|@(?:${names.map(literally).join('|')})` : ''
  const found = new RegExp(`https?://[^\\s<>"]+[^\\s<>".,;:!?)\\]']${mention}`, 'gu')
  const cut: Piece[] = []
  let from = 0
  for (const match of text.matchAll(found)) {
    if (match.index > from) cut.push({ kind: 'text', text: text.slice(from, match.index) })
    cut.push({ kind: match[0].startsWith('@') ? 'mention' : 'link', text: match[0] })
    from = match.index + match[0].length
  }
  if (from < text.length) cut.push({ kind: 'text', text: text.slice(from) })
  return cut
}
