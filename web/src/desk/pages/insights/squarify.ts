// A squarified treemap (Bruls, Huizing & van Wijk 2000): areas by size, each as near to a square as may be.
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** A box for each size, in their order; sizes fall, and those of nothing have no width. */
export function squarify(sizes: readonly number[], box: Box): Box[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= 0 || box.width <= 0 || box.height <= 0)
    return sizes.map(() => ({ x: box.x, y: box.y, width: 0, height: 0 }))
  const scale = (box.width * box.height) / total
  const areas = sizes.map((size) => size * scale)
  const boxes: Box[] = []
  let rest = { ...box }
  let first = 0
  while (first < areas.length) {
    const side = Math.min(rest.width, rest.height)
    let next = first + 1
    while (
      next < areas.length &&
      worst(areas.slice(first, next + 1), side) <= worst(areas.slice(first, next), side)
    )
      next++
    rest = lay(areas.slice(first, next), rest, boxes)
    first = next
  }
  return boxes
}

/** The largest ratio of sides in a row of these areas along a side. */
function worst(areas: number[], side: number): number {
  const sum = areas.reduce((total, area) => total + area, 0)
  const most = Math.max(...areas)
  const least = Math.min(...areas)
  if (!sum || !side || !least) return Number.POSITIVE_INFINITY
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least))
}

/** One row along the shorter side; what is left of the box. */
function lay(areas: number[], box: Box, into: Box[]): Box {
  const sum = areas.reduce((total, area) => total + area, 0)
  const upright = box.width >= box.height
  const depth = upright ? sum / (box.height || 1) : sum / (box.width || 1)
  let at = upright ? box.y : box.x
  for (const area of areas) {
    const length = depth ? area / depth : 0
    into.push(
      upright
        ? { x: box.x, y: at, width: depth, height: length }
        : { x: at, y: box.y, width: length, height: depth },
    )
    at += length
  }
  return upright
    ? { x: box.x + depth, y: box.y, width: Math.max(0, box.width - depth), height: box.height }
    : { x: box.x, y: box.y + depth, width: box.width, height: Math.max(0, box.height - depth) }
}

/** The place that lies next in a direction: the nearest middle beyond this one, sideways distance counting double. */
export function nextInDirection(boxes: readonly Box[], from: number, key: string): number {
  const steps: Record<string, [number, number]> = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
  }
  const step = steps[key]
  const here = boxes[from]
  if (!step || !here) return from
  let best = from
  let least = Number.POSITIVE_INFINITY
  boxes.forEach((box, place) => {
    const right = box.x + box.width / 2 - here.x - here.width / 2
    const down = box.y + box.height / 2 - here.y - here.height / 2
    const along = right * step[0] + down * step[1]
    const aside = Math.abs(right * step[1]) + Math.abs(down * step[0])
    if (place === from || along <= 0.5 || along + 2 * aside >= least) return
    least = along + 2 * aside
    best = place
  })
  return best
}
