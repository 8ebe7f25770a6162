// The list of the view that is open: pages by cursor, the row the keyboard is on, the selection.
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import { get } from '@/lib/api'
import { boot } from '@/lib/boot'
import { freshOrder, standing } from '@/lib/order'
import { soon } from '@/lib/soon'
import type { CaseFilter, CaseRow, Rows } from '@/lib/types'
import { useCases } from './cases'

export type Tab = 'open' | 'unread' | 'due' | 'mentions' | 'resolved'
interface Known {
  ids: number[]
  next: string | null
}

const PAGE = 100
const REFRESH_MS = 250

export const useList = defineStore('list', () => {
  const cases = useCases()
  const view = ref('')
  const tab = ref<Tab>('open')
  const filter = ref<CaseFilter>({})
  const ids = shallowRef<number[]>([])
  const next = ref<string | null>(null)
  const state = ref<'loading' | 'ready' | 'more' | 'failed'>('loading')
  const trouble = shallowRef<unknown>(null)
  const cursor = ref(0)
  const selected = reactive(new Set<number>())
  const remembered = new Map<string, Known>()
  let asked = 0
  let taken = 0
  let anchor = 0

  const key = (): string => JSON.stringify([view.value, tab.value, filter.value])
  const query = (at?: string | null) => ({
    view: view.value,
    tab: tab.value,
    limit: PAGE,
    cursor: at,
    ...filter.value,
  })
  const filtered = computed(
    () => Object.values(filter.value).filter((v) => v !== undefined && v !== '').length,
  )
  const current = computed(() => ids.value[cursor.value])

  /** Shows a view; one seen before comes back at once and is then brought up to date. */
  function show(name: string, inTab: Tab = 'open', with_: CaseFilter = {}): void {
    view.value = name
    tab.value = inTab
    filter.value = with_
    selected.clear()
    cursor.value = 0
    const first =
      boot?.page && boot.page.view === name && inTab === 'open' && !filtered.value ? boot.page : null
    if (first) {
      boot!.page = null
      take(first.rows, first.next)
      return
    }
    const before = remembered.get(key())
    ids.value = before?.ids ?? []
    next.value = before?.next ?? null
    state.value = before ? 'ready' : 'loading'
    void refresh()
  }

  function take(rows: CaseRow[], after: string | null): void {
    for (const row of rows) cases.absorb(row)
    place(
      rows.map((row) => row.id),
      after,
    )
  }

  function place(order: number[], after: string | null): void {
    cursor.value = standing(ids.value, cursor.value, order)
    ids.value = order
    next.value = after
    state.value = 'ready'
    trouble.value = null
    for (const id of selected) if (!order.includes(id)) selected.delete(id)
    remembered.set(key(), { ids: order, next: after })
  }

  /** Brings the first page up to date; pages loaded below it stay. */
  async function refresh(): Promise<void> {
    const mine = ++asked
    const of = key()
    // Where changes come faster than answers, each answer is taken that is newer than what is shown.
    const isOld = () => mine < taken || of !== key()
    try {
      const page = await get<Rows<CaseRow>>('/cases', query())
      if (isOld()) return
      taken = mine
      for (const row of page.rows) cases.absorb(row)
      const joined = freshOrder(
        ids.value,
        page.rows.map((row) => row.id),
        PAGE,
        !!page.next,
      )
      place(joined.ids, joined.keptTail ? next.value : page.next)
    } catch (error) {
      if (isOld()) return
      trouble.value = error
      if (!ids.value.length) state.value = 'failed'
    }
  }

  /** Many changes in a moment are one refresh. */
  const refreshSoon = soon(refresh, () => REFRESH_MS).call

  async function more(): Promise<void> {
    if (!next.value || state.value !== 'ready') return
    const mine = asked
    state.value = 'more'
    try {
      const page = await get<Rows<CaseRow>>('/cases', query(next.value))
      if (mine !== asked) return
      for (const row of page.rows) cases.absorb(row)
      place([...new Set([...ids.value, ...page.rows.map((row) => row.id)])], page.next)
    } finally {
      if (state.value === 'more') state.value = 'ready'
    }
  }

  const clamp = (index: number): number => Math.max(0, Math.min(ids.value.length - 1, index))
  function step(by: number): number | undefined {
    cursor.value = clamp(cursor.value + by)
    if (cursor.value > ids.value.length - PAGE / 2) void more()
    return current.value
  }

  function toggle(id: number): void {
    selected.has(id) ? selected.delete(id) : selected.add(id)
    anchor = ids.value.indexOf(id)
  }

  /** Selects from the last toggled row to this one. */
  function extendTo(index: number): void {
    if (!selected.size) anchor = cursor.value
    cursor.value = clamp(index)
    const [from, to] = [anchor, cursor.value].sort((a, b) => a - b) as [number, number]
    for (const id of ids.value.slice(from, to + 1)) selected.add(id)
  }

  const selectAll = (): void => {
    for (const id of ids.value.slice(0, 500)) selected.add(id)
  }

  return {
    view,
    tab,
    filter,
    ids,
    next,
    state,
    trouble,
    cursor,
    selected,
    filtered,
    current,
    show,
    refresh,
    refreshSoon,
    more,
    step,
    toggle,
    extendTo,
    selectAll,
  }
})
