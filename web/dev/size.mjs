// Prints what the browser downloads, gzipped, and fails when a budget is overrun.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../../desk/static/dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const kB = (files) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist))).length, 0) / 1000

/** A chunk's files and those of everything it needs at once. */
function needs(name, seen = new Set()) {
  const chunk = manifest[name]
  if (seen.has(chunk)) return seen
  seen.add(chunk)
  for (const other of chunk.imports ?? []) needs(other, seen)
  return seen
}

let over = 0
function check(what, measured, limit) {
  const fits = measured <= limit
  if (!fits) over += 1
  console.log(`${fits ? 'ok  ' : 'OVER'} ${what.padEnd(44)} ${measured.toFixed(1).padStart(6)} / ${limit} kB`)
}

const first = [...needs('src/desk/main.ts')]
const firstFiles = new Set(first.map((chunk) => chunk.file))
check('desk, first JS', kB(firstFiles), 130)
check('desk, first CSS', kB(new Set(first.flatMap((chunk) => chunk.css ?? []))), 20)
for (const name of Object.keys(manifest).filter((n) => manifest[n].isDynamicEntry)) {
  const own = [...needs(name)].map((chunk) => chunk.file).filter((file) => !firstFiles.has(file))
  check(name.replace('src/', ''), kB(new Set(own)), 40)
}
process.exit(over ? 1 : 0)
