// The script on the shop's page: a button in a shadow root, and a frame of ours once somebody wants it.
// Nothing is asked of our server before that, unless a conversation is going on.
import type { FromFrame, ToFrame } from './bridge'

interface Desk {
  open(): void
  close(): void
  /** A short-lived token that the shop's server signed, or null when the person has signed out. */
  identify(token: string | null): void
  on(event: 'open' | 'close' | 'unread', listener: (value: number) => void): void
}

declare global {
  interface Window {
    Desk?: Desk
  }
}

const STYLE = `
:host { all: initial; color-scheme: light dark; }
button, iframe { position: fixed; z-index: 2147483000; inset-inline-end: 20px; border: 0; }
button { bottom: 20px; display: grid; place-items: center; width: 56px; height: 56px; border-radius: 50%; cursor: pointer;
  background: var(--brand, #2f56d9); color: #fff; box-shadow: 0 6px 20px rgb(15 23 60 / .28); transition: transform .12s; }
button:hover { transform: translateY(-2px); }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px var(--brand, #2f56d9); }
b { position: absolute; top: -2px; inset-inline-end: -2px; min-width: 20px; height: 20px; padding: 0 4px; box-sizing: border-box;
  border-radius: 10px; background: #c81e3a; font: 600 12px/20px system-ui; }
b:empty { display: none; }
iframe { bottom: 88px; width: 384px; height: min(640px, calc(100dvh - 108px)); border-radius: 16px; background: Canvas;
  box-shadow: 0 24px 60px rgb(15 23 60 / .3); }
iframe[hidden] { display: none; }
.start button, .start iframe { inset-inline: 20px auto; }
@media (max-width: 480px) {
  iframe, .start iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
  button[aria-expanded=true] { display: none; }
}
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
@media print { :host { display: none !important; } }`

const ICON =
  '<svg width="26" height="26" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M21 11.5a8.5 8.5 0 0 1-12.3 7.6L3 21l1.9-5.7A8.5 8.5 0 1 1 21 11.5z"/></svg>'

function start(script: HTMLScriptElement): void {
  const origin = new URL(script.src).origin
  const { site = '', color, label = 'Open chat', title = 'Chat with us', position } = script.dataset
  const kept = `desk.${site}`
  const listeners: [string, (value: number) => void][] = []
  let frame: HTMLIFrameElement | undefined
  let ready = false
  let signed: string | null | undefined

  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'open' })
  const box = document.createElement('div')
  if (position === 'start') box.className = 'start'
  box.dir = getComputedStyle(document.documentElement).direction
  box.innerHTML = `<button type="button" aria-expanded="false">${ICON}<b></b></button>`
  const button = box.querySelector('button') as HTMLButtonElement
  const badge = box.querySelector('b') as HTMLElement
  button.setAttribute('aria-label', label)
  if (color) host.style.setProperty('--brand', color)
  style(root)
  root.append(box)

  const tell = (message: ToFrame) => frame?.contentWindow?.postMessage(message, origin)
  const emit = (event: string, value: number) => {
    for (const [name, listener] of listeners) if (name === event) listener(value)
  }
  const isOpen = () => button.getAttribute('aria-expanded') === 'true'

  function load(): HTMLIFrameElement {
    if (frame) return frame
    frame = document.createElement('iframe')
    frame.title = title
    frame.hidden = true
    const asked = new URLSearchParams({
      origin: location.origin,
      dir: box.dir,
      lang: document.documentElement.lang,
    })
    frame.src = `${origin}/widget/${encodeURIComponent(site)}?${asked}`
    box.append(frame)
    return frame
  }

  function show(open: boolean): void {
    if (open === isOpen()) return
    load().hidden = !open
    button.setAttribute('aria-expanded', String(open))
    write(sessionStorage, `${kept}.open`, open ? '1' : null)
    if (open) badge.textContent = ''
    if (ready) tell({ desk: 'shown', open })
    if (open) frame?.focus()
    else button.focus()
    emit(open ? 'open' : 'close', 0)
  }

  addEventListener('message', (event: MessageEvent<FromFrame>) => {
    if (event.origin !== origin || !frame || event.source !== frame.contentWindow) return
    const said = event.data
    if (said?.desk === 'ready') {
      ready = true
      tell({
        desk: 'hello',
        token: read(localStorage, kept),
        waiting: read(localStorage, `${kept}.waiting`),
        page: location.href.slice(0, 500),
        open: isOpen(),
      })
      if (signed !== undefined) tell({ desk: 'identify', token: signed })
    } else if (said?.desk === 'close') show(false)
    else if (said?.desk === 'token') write(localStorage, kept, said.token)
    else if (said?.desk === 'waiting') write(localStorage, `${kept}.waiting`, said.waiting)
    else if (said?.desk === 'active') write(localStorage, `${kept}.active`, said.active ? '1' : null)
    else if (said?.desk === 'unread' && !isOpen()) {
      badge.textContent = said.count ? String(Math.min(said.count, 99)) : ''
      button.setAttribute('aria-label', said.count ? `${label} (${said.count})` : label)
      emit('unread', said.count)
    }
  })
  button.addEventListener('click', () => show(!isOpen()))
  for (const intent of ['pointerenter', 'focus']) button.addEventListener(intent, load, { once: true })

  window.Desk = {
    open: () => show(true),
    close: () => show(false),
    identify(token) {
      signed = token
      if (ready) tell({ desk: 'identify', token })
    },
    on: (event, listener) => void listeners.push([event, listener]),
  }
  document.body.append(host)
  if (read(sessionStorage, `${kept}.open`)) show(true)
  else if (read(localStorage, `${kept}.active`)) load()
}

/** A sheet made by script stands under every policy that lets the script run; a <style> element does not. */
function style(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    root.adoptedStyleSheets = [sheet]
  } catch {
    const element = document.createElement('style')
    element.textContent = STYLE
    root.append(element)
  }
}

/** Storage may be closed to us; the conversation then lasts as long as the page. */
function read(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

function write(storage: Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    return
  }
}

const script = document.currentScript as HTMLScriptElement | null
if (script && !window.Desk) {
  if (document.body) start(script)
  else addEventListener('DOMContentLoaded', () => start(script))
}
