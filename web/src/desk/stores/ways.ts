// The ways to answer each case, the best first; asked for when its composer is looked at.
import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { get } from '@/lib/api'
import type { Way } from '@/lib/types'

export const useWays = defineStore('ways', () => {
  const known = shallowReactive(new Map<number, Way[]>())

  /** Looks again; what we have stays while the server cannot be reached. */
  async function look(caseId: number): Promise<void> {
    const answer = await get<{ rows: Way[] }>(`/cases/${caseId}/ways`).catch(() => null)
    if (answer) known.set(caseId, answer.rows)
  }

  return { known, look }
})
