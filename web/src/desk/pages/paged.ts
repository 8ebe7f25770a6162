// A list that comes page by page: its rows, whether there is more, and what went wrong.
import { ref, shallowRef } from 'vue'
import { get, type Query } from '@/lib/api'
import type { Rows } from '@/lib/types'

export function usePaged<T>(path: () => string, query: () => Query = () => ({})) {
  const rows = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const trouble = shallowRef<unknown>(null)
  const loading = ref(true)
  let asked = 0

  async function page(cursor: string | null): Promise<void> {
    const mine = ++asked
    loading.value = true
    trouble.value = null
    try {
      const found = await get<Rows<T>>(path(), { ...query(), cursor })
      if (mine !== asked) return
      rows.value = cursor ? [...rows.value, ...found.rows] : found.rows
      next.value = found.next
    } catch (error) {
      if (mine === asked) trouble.value = error
    }
    if (mine === asked) loading.value = false
  }

  return { rows, next, trouble, loading, load: () => page(null), more: () => page(next.value) }
}
