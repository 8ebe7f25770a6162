// Short words about what just happened, with Undo for six seconds.
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
  undo?: () => void
  /** Where what it says is found. */
  to?: string
}

const SHOWN_MS = 6000
let count = 0

export const useToasts = defineStore('toasts', () => {
  const list = ref<Toast[]>([])
  /** Read aloud by the one polite announcer. */
  const announcement = ref('')

  function say(text: string, undo?: () => void, shownMs = SHOWN_MS): number {
    return add({ id: ++count, text, tone: 'plain', undo }, shownMs)
  }

  /** Words for this person alone, with the way to where they stand: read at leisure. */
  const tell = (text: string, to: string): number =>
    add({ id: ++count, text, tone: 'plain', to }, SHOWN_MS * 2)

  /** Trouble stays longer: it must be read. */
  const complain = (text: string): number => add({ id: ++count, text, tone: 'bad' }, SHOWN_MS * 2)

  function add(toast: Toast, shownMs: number): number {
    list.value = [...list.value.slice(-2), toast]
    setTimeout(() => drop(toast.id), shownMs)
    return toast.id
  }

  function drop(id: number): void {
    list.value = list.value.filter((toast) => toast.id !== id)
  }

  const canUndo = (): boolean => list.value.some((toast) => toast.undo)

  /** Takes back the newest deed that can be taken back. */
  function undo(id?: number): void {
    const toast = list.value.findLast((one) => one.undo && (id === undefined || one.id === id))
    if (!toast) return
    drop(toast.id)
    toast.undo?.()
  }

  const announce = (text: string): void => {
    announcement.value = announcement.value === text ? `${text}\u00a0` : text
  }

  return { list, announcement, say, tell, complain, drop, undo, canUndo, announce }
})
