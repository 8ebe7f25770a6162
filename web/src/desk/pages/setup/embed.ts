// What goes into the pages and onto the server of a shop that carries the chat.
import { type Row, valueAt } from './plan'

/** The line of HTML that brings the chat of this channel from the desk at `origin`. */
export function snippetOf(channel: Row, origin: string): string {
  const position = valueAt(channel, 'chat.position') === 'start' ? ' data-position="start"' : ''
  const look = `data-site="${channel.address}" data-color="${valueAt(channel, 'chat.colour_used')}"${position}`
  return `<script src="${origin}/static/widget/loader.js" ${look} async></script>`
}

/** On the page; the loader has run once everything of the page is there. */
export const IDENTIFY = `<script>
  addEventListener('load', () => Desk.identify('TOKEN'))
</script>`

/** On the server, where the secret is. */
export const SIGNING = {
  Python: `# pip install pyjwt
import time, jwt

token = jwt.encode(
    {"sub": str(user.id), "email": user.email, "name": user.name, "exp": int(time.time()) + 3600},
    SECRET,
    algorithm="HS256",
)`,
  Node: `// npm install jsonwebtoken
import jwt from 'jsonwebtoken'

const token = jwt.sign(
  { sub: String(user.id), email: user.email, name: user.name },
  SECRET,
  { algorithm: 'HS256', expiresIn: '1h' },
)`,
}
