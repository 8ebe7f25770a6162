// Articles beside a case: which may answer it, which have, and putting one into the answer.
import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { del, get, post, put } from '@/lib/api'
import { t } from '@/lib/i18n'
import { useDeeds } from './deeds'
import { useToasts } from './toasts'

export interface Fitting {
  id: number
  title: string
  language: string
  audience: 'public' | 'internal'
  published: boolean
  /** Where customers read it; null where they may not. */
  url: string | null
  /** Words that the article shares with the case. */
  words: string[]
  /** Solved cases like this one in which it was used, the latest few of `cases_total`. */
  cases: number[]
  cases_total: number
}
export interface Used extends Fitting {
  kind: 'link' | 'text' | 'source'
}
export interface Answers {
  used: Used[]
  rows: Fitting[]
}

export const useKnowledge = defineStore('knowledge', () => {
  const deeds = useDeeds()
  const toasts = useToasts()
  const known = shallowReactive(new Map<number, Answers>())
  const troubles = shallowReactive(new Map<number, unknown>())

  async function look(caseId: number): Promise<void> {
    try {
      known.set(caseId, await get<Answers>(`/cases/${caseId}/articles`))
      troubles.delete(caseId)
    } catch (error) {
      // What is shown already may still help.
      if (!known.has(caseId)) troubles.set(caseId, error)
    }
  }

  /** Into the composer of the open case, and noted as used in it. */
  const insert = (caseId: number, article: Fitting, kind: 'link' | 'text') =>
    deeds.attempt(async () => {
      const { text } = await put<{ text: string }>(`/cases/${caseId}/articles/${article.id}`, { kind })
      if (deeds.openId === caseId) deeds.textForComposer = text
      await look(caseId)
    })

  const forget = (caseId: number, article: Fitting) =>
    deeds.attempt(async () => {
      await del(`/cases/${caseId}/articles/${article.id}`)
      await look(caseId)
      toasts.say(t('answers.forgotten', { title: article.title }))
    })

  /** True when it was kept. */
  async function flag(article: { id: number }, note: string, caseId?: number): Promise<boolean> {
    let kept = false
    await deeds.attempt(async () => {
      await post(`/articles/${article.id}/flags`, caseId ? { note, case_id: caseId } : { note })
      kept = true
      toasts.say(t('answers.flagged'))
    })
    return kept
  }

  return { known, troubles, look, insert, forget, flag }
})
