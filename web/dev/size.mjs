// Prints what the browser downloads, gzipped, and fails when a budget is overrun.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const built = new URL('../../desk/static/', import.meta.url)
const size = (file) => gzipSync(readFileSync(file)).length / 1000

/** One surface's build: what a chunk needs at once, and how much files weigh. */
function surface(name) {
  const dist = new URL(`dist/${name}/`, built)
  const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
  const needs = (key, seen = new Set()) => {
    if (seen.has(manifest[key])) return seen
    seen.add(manifest[key])
    for (const other of manifest[key].imports ?? []) needs(other, seen)
    return seen
  }
  const lazy = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry)
  const kB = (files) => [...new Set(files)].reduce((sum, file) => sum + size(new URL(file, dist)), 0)
  return { first: [...needs(`src/${name}/main.ts`)], lazy, needs, kB }
}

let over = 0
function check(what, measured, limit) {
  const fits = measured <= limit
  if (!fits) over += 1
  console.log(`${fits ? 'ok  ' : 'OVER'} ${what.padEnd(44)} ${measured.toFixed(1).padStart(6)} / ${limit} kB`)
}

const desk = surface('desk')
const firstFiles = new Set(desk.first.map((chunk) => chunk.file))
check('desk, first JS', desk.kB(firstFiles), 130)
check('desk, first CSS', desk.kB(desk.first.flatMap((chunk) => chunk.css ?? [])), 20)
for (const name of desk.lazy) {
  const own = [...desk.needs(name)].map((chunk) => chunk.file).filter((file) => !firstFiles.has(file))
  check(name.replace('src/', ''), desk.kB(own), 40)
}
const help = surface('help')
check('help centre, JS', help.kB(help.first.map((chunk) => chunk.file)), 5)
const widget = surface('widget')
const languages = (name) => name.includes('locales')
const lazy = widget.lazy.filter((name) => !languages(name)).flatMap((name) => [...widget.needs(name)])
check('widget frame, all JS', widget.kB([...widget.first, ...lazy].map((chunk) => chunk.file)), 60)
check('widget loader', size(new URL('widget/loader.js', built)), 4)
process.exit(over ? 1 : 0)
