// The rows of one section, and what has been typed in its forms and not been saved yet.
import { reactive, ref, shallowRef } from 'vue'
import { del, get, patch, post, request, url } from '@/lib/api'
import { t } from '@/lib/i18n'
import type { Rows } from '@/lib/types'
import { useDeeds } from '../../stores/deeds'
import { useNews } from '../../stores/news'
import { useSession } from '../../stores/session'
import { useToasts } from '../../stores/toasts'
import { bodyOf, changed, moved, type References, type Row, type Section } from './plan'

/** What was typed in a row, the row it was typed on, and the fields that somebody else changed meanwhile. */
export interface Typed {
  row: Row
  base: Row
  clashes: string[]
}

/** Typed and not saved, by section and row. Lives as long as the page: it may hold a password. */
export const unsaved = reactive(new Map<string, Typed>())
export const draftKey = (section: Section, id: number): string => `${section.id}:${id}`

/** The id of a row that is not there yet. */
export const NEW = 0

export function useRows(section: Section) {
  const session = useSession()
  const toasts = useToasts()
  const { attempt } = useDeeds()
  const rows = ref<Row[]>([])
  const skills = shallowRef<References['skills']>([])
  const trouble = shallowRef<unknown>(null)
  const loading = ref(true)
  const address = `/${section.id}`

  async function load(): Promise<void> {
    trouble.value = null
    try {
      const needsSkills = section.fields.some((field) => field.input === 'levels')
      const [found, known] = await Promise.all([
        section.single ? single() : all<Row>(address),
        needsSkills ? all<References['skills'][number]>('/skills') : [],
        // Lists elsewhere on the screen (navigation, pickers) show the same names.
        session.refreshSetup().catch(() => undefined),
      ])
      rows.value = found
      forgetGone()
      skills.value = known
    } catch (error) {
      trouble.value = error
    }
    loading.value = false
  }
  /** What was typed in a row that somebody deleted can be saved no more. */
  function forgetGone(): void {
    for (const [key, typed] of unsaved) {
      const { id } = typed.row
      if (id === NEW || key !== draftKey(section, id) || rows.value.some((row) => row.id === id)) continue
      unsaved.delete(key)
      toasts.complain(t('setup.gone', { name: section.title(typed.base) }))
    }
  }
  const single = async (): Promise<Row[]> => [{ ...(await get<Omit<Row, 'id'>>(address)), id: 1 } as Row]

  const references = (): References => ({
    queues: session.setup.queues,
    teams: session.setup.teams,
    agents: session.setup.agents,
    categories: section.id === 'categories' ? (rows.value as never) : session.setup.categories,
    skills: skills.value,
  })

  /** Makes or changes a row; returns the server's answer. Raises what the server refuses. */
  async function save(row: Row): Promise<Row> {
    const before = rows.value.find((one) => one.id === row.id)
    const body = bodyOf(section, row)
    const answer = !before
      ? await post<Row>(address, body)
      : await patch<Row>(
          section.single ? address : `${address}/${row.id}`,
          changed(bodyOf(section, before), body),
        )
    unsaved.delete(draftKey(section, row.id))
    await load()
    return answer
  }

  const remove = (row: Row): Promise<void> =>
    attempt(async () => {
      await del(`${address}/${row.id}`)
      unsaved.delete(draftKey(section, row.id))
      await load()
      const again =
        section.removal === 'undo'
          ? () =>
              void attempt(async () => {
                await post(address, bodyOf(section, row))
                await load()
              })
          : undefined
      toasts.say(t('setup.removed', { name: section.title(row) }), again)
    })

  const move = (from: number, to: number): Promise<void> =>
    attempt(async () => {
      const order = moved(rows.value, from, to)
      rows.value = order.rows
      try {
        for (const row of order.wrong) await patch(`${address}/${row.id}`, { position: row.position })
      } finally {
        await load()
      }
    })

  useNews(['setup_changed'], load)

  return { rows, trouble, loading, load, references, save, remove, move }
}

/** All rows of a small list, however many pages it comes in. */
async function all<T>(path: string): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = null
  do {
    const page: Rows<T> = await request<Rows<T>>('GET', url(path, { cursor }))
    found.push(...page.rows)
    cursor = page.next
  } while (cursor)
  return found
}
