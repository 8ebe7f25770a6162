// What an agent does with cases: each deed shows at once, says what happened and can be taken back.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { del, post, put, sentenceOf } from '@/lib/api'
import type { CaseChange } from '@/lib/change'
import { t, tn } from '@/lib/i18n'
import { typeAhead } from '@/lib/keys'
import type { Case, CaseLink } from '@/lib/types'
import { useCases } from './cases'
import { useList } from './list'
import { useSession } from './session'
import { useToasts } from './toasts'

export type Layer =
  | 'palette'
  | 'shortcuts'
  | 'assign'
  | 'tag'
  | 'priority'
  | 'queue'
  | 'category'
  | 'level'
  | 'details'
  | 'snooze'
  | 'snooze_custom'
  | 'remind'
  | 'resolve'
  | 'macros'
  | 'merge'
  | 'link'
  | 'history'
  | 'clocks'
  | 'transfer'
  | 'insert_article'
  | 'draft_article'

export const useDeeds = defineStore('deeds', () => {
  const cases = useCases()
  const list = useList()
  const session = useSession()
  const toasts = useToasts()
  const openId = ref<number | null>(null)
  const layer = ref<Layer | null>(null)
  /** Opens a layer. Letters typed until it is there wait in the type-ahead buffer. */
  function show(name: Layer | null): void {
    Object.assign(typeAhead, { on: !!name, text: '', enter: false })
    layer.value = name
  }
  /** Which of the case's properties the layer `details` begins with. */
  const editing = ref('subject')
  function edit(property: string): void {
    editing.value = property
    show('details')
  }
  /** The case that a deed leads to; the workspace opens it. */
  const leadsTo = ref<number | null>(null)
  /** Text a macro made, waiting for the composer. */
  const textForComposer = ref<string | null>(null)
  /** Messages chosen to become a case of their own; null when not choosing. */
  const splitting = ref<Set<number> | null>(null)

  /** The selected cases, or else the open one. */
  const targets = (): number[] =>
    list.selected.size ? [...list.selected] : openId.value ? [openId.value] : []
  const one = () => (openId.value ? cases.known(openId.value) : undefined)

  async function change(
    wanted: CaseChange,
    what: string,
    named: Record<string, unknown> = {},
    ids = targets(),
  ): Promise<void> {
    if (!ids.length) return
    const sentence =
      ids.length > 1
        ? tn('deed.many', ids.length, { what: t(`deed.${what}`, named) })
        : t(`deed.${what}`, named)
    await cases.change(ids, wanted, sentence)
  }

  const assign = (agentId: number | null) =>
    change({ assignee_id: agentId }, agentId ? 'assigned' : 'unassigned', {
      name: session.agentName(agentId),
    })
  const resolve = (reason?: string) =>
    change({ status: 'resolved', reason: reason ?? session.setup.resolution_reasons[0] }, 'resolved')
  const reopen = () => change({ status: 'open' }, 'reopened')
  const snooze = (until: Date, label: string) =>
    change({ snoozed_until: until.toISOString() }, 'snoozed', { until: label })
  const wake = () => change({ snoozed_until: null }, 'woken')
  const hold = () =>
    one()?.status === 'on_hold'
      ? change({ status: 'open' }, 'off_hold')
      : change({ status: 'on_hold' }, 'on_hold')
  const wait = () => change({ status: 'waiting' }, 'waiting')

  async function attempt(deed: () => Promise<void>): Promise<void> {
    try {
      await deed()
    } catch (error) {
      toasts.complain(sentenceOf(error))
    }
  }

  const watch = (id: number) =>
    attempt(async () => {
      const watching = cases.known(id)?.watching
      cases.paint(id, { watching: !watching })
      cases.absorb(await (watching ? del<Case>(`/cases/${id}/watch`) : put<Case>(`/cases/${id}/watch`)))
      toasts.say(t(watching ? 'deed.unwatched' : 'deed.watched'))
    })

  const merge = (id: number, into: number) =>
    attempt(async () => {
      const { merge_id } = await put<{ merge_id: number }>(`/cases/${id}/merge`, { into })
      if (openId.value === id) leadsTo.value = into
      await refetch(into)
      toasts.say(
        t('deed.merged', { id, into }),
        () =>
          void attempt(async () => {
            await del(`/merges/${merge_id}`)
            await refetch(id, into)
            leadsTo.value = id
          }),
      )
    })

  const split = (id: number, messageIds: number[], subject: string) =>
    attempt(async () => {
      const answer = await post<{ split_id: number; case: Case }>(`/cases/${id}/split`, {
        message_ids: messageIds,
        subject,
      })
      splitting.value = null
      await refetch(id)
      toasts.say(
        t('deed.split', { id: answer.case.id }),
        () =>
          void attempt(async () => {
            await del(`/splits/${answer.split_id}`)
            await refetch(id)
          }),
      )
    })

  const link = (id: number, caseId: number, kind: CaseLink['kind']) =>
    attempt(async () => {
      await post(`/cases/${id}/links`, { case_id: caseId, kind })
      await refetch(id)
      toasts.say(t('deed.linked', { id: caseId }))
    })

  const unlink = (id: number, linkId: number) =>
    attempt(async () => {
      await del(`/links/${linkId}`)
      await refetch(id)
    })

  const macro = (macroId: number) =>
    attempt(async () => {
      for (const id of targets()) {
        const answer = await post<{ case: Case; text: string }>(`/cases/${id}/macros/${macroId}`)
        cases.absorb(answer.case)
        if (answer.text && id === openId.value) textForComposer.value = answer.text
      }
      toasts.say(t('deed.macro', { name: session.setup.macros.find((m) => m.id === macroId)?.name }))
    })

  const endChat = (id: number) =>
    attempt(async () => {
      await del(`/cases/${id}/chat`)
      await refetch(id)
      toasts.say(t('chat.was_ended'))
    })

  const endWrapUp = (id: number) =>
    attempt(async () => {
      await del(`/cases/${id}/chat/wrap-up`)
      await refetch(id)
    })

  /** Hands the case to a queue or a colleague, with a note that goes along. */
  const transfer = (id: number, to: { queue_id?: number; agent_id?: number }, name: string, note: string) =>
    attempt(async () => {
      await post(`/cases/${id}/transfer`, { ...to, note })
      await refetch(id)
      toasts.say(t('transfer.done', { name }))
    })

  async function refetch(...ids: number[]): Promise<void> {
    for (const id of ids) await cases.load(id, true)
    list.refreshSoon()
  }

  return {
    openId,
    layer,
    show,
    editing,
    edit,
    textForComposer,
    splitting,
    targets,
    one,
    change,
    assign,
    resolve,
    reopen,
    snooze,
    wake,
    hold,
    wait,
    watch,
    leadsTo,
    merge,
    split,
    link,
    unlink,
    endChat,
    endWrapUp,
    transfer,
    macro,
    attempt,
    refetch,
  }
})
