// The frame's entry: reads what the page carries, finds out who is around it, and shows the widget.
import '@/styles/tokens.css'
import './widget.css'
import { createApp, reactive, watchEffect } from 'vue'
import { bridge } from './bridge'
import { makeLine } from './line'
import { isPreview, stillLine } from './preview'
import { speak } from './texts'
import type { Boot } from './types'
import Widget from './Widget.vue'

const asked = new URLSearchParams(location.search)
const boot = reactive({
  ...(JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as Boot),
  preview: isPreview(asked),
})
const ownKey = `desk.${boot.site}`
let page = ''

watchEffect(() => document.documentElement.style.setProperty('--brand', boot.colour))
document.documentElement.dir = asked.get('dir') === 'rtl' ? 'rtl' : 'ltr'

// A page of its own keeps its token itself. In a frame the page around does: a frame of another site may have
// no storage at all.
const around = bridge(asked.get('origin') ?? '', boot.sites, (said) => hear(said))
const line = boot.preview
  ? stillLine()
  : makeLine(boot, {
      token: around ? null : localStorage.getItem(ownKey),
      keep(token) {
        if (around) around.say({ desk: 'token', token })
        else if (token) localStorage.setItem(ownKey, token)
        else localStorage.removeItem(ownKey)
      },
      waiting: around ? null : localStorage.getItem(`${ownKey}.waiting`),
      keepWaiting(waiting) {
        if (around) around.say({ desk: 'waiting', waiting })
        else if (waiting) localStorage.setItem(`${ownKey}.waiting`, waiting)
        else localStorage.removeItem(`${ownKey}.waiting`)
      },
      page: () => page,
    })

type Said = Parameters<Parameters<typeof bridge>[2]>[0]
const heard: Said[] = []
let hear = (said: Said): void => void heard.push(said)

const language = await speak(asked.get('lang') ?? '', ...navigator.languages, boot.locale)
document.documentElement.lang = language
const shown = createApp(Widget, { boot, line, around, framed: !!around }).mount('#app') as unknown as {
  shown(open: boolean): void
}

hear = (said) => {
  if (said.desk === 'preview' || boot.preview) see(said)
  else if (said.desk === 'hello') {
    page = said.page
    if (said.token) line.adopt(said.token, said.waiting)
    shown.shown(said.open)
  } else if (said.desk === 'shown') shown.shown(said.open)
  else if (said.token) void line.identify(said.token)
  else line.forget()
}
function see(said: Said): void {
  if (said.desk !== 'preview' || !boot.preview) return
  Object.assign(boot, said.look)
  document.documentElement.dataset.theme = said.theme
}
for (const said of heard) hear(said)
around?.say({ desk: 'ready' })
if (!around) shown.shown(true)
