// Files on their way into a message: each with its progress, or with what went wrong.
import { type Ref, ref } from 'vue'
import { ApiError, sentenceOf } from '@/lib/api'
import { size } from '@/lib/format'
import { t } from '@/lib/i18n'
import type { Stored } from '@/lib/types'
import { LARGEST_BYTES, upload } from '@/lib/upload'

export interface Upload {
  key: number
  name: string
  size: number
  part: number
  trouble: string | null
  stop: () => void
}

let count = 0

export function useUploads(files: Ref<Stored[]>, changed: () => void) {
  const uploads = ref<Upload[]>([])
  const drop = (key: number): void => {
    uploads.value.find((one) => one.key === key)?.stop()
    uploads.value = uploads.value.filter((one) => one.key !== key)
  }

  async function add(file: File): Promise<void> {
    const control = new AbortController()
    const key = ++count
    uploads.value.push({
      key,
      name: file.name,
      size: file.size,
      part: 0,
      trouble: null,
      stop: () => control.abort(),
    })
    const one = uploads.value.at(-1)!
    if (file.size > LARGEST_BYTES) {
      one.trouble = t('files.too_large', { size: size(file.size), limit: size(LARGEST_BYTES) })
      return
    }
    try {
      const stored = await upload(
        file,
        (part) => {
          one.part = part
        },
        control.signal,
      )
      drop(key)
      files.value = [...files.value, stored]
      changed()
    } catch (error) {
      one.trouble =
        error instanceof ApiError && error.status === 413
          ? t('files.too_large', { size: size(file.size), limit: size(LARGEST_BYTES) })
          : sentenceOf(error)
    }
  }

  const addAll = (list: FileList | File[] | null | undefined): void => {
    for (const file of list ?? []) void add(file)
  }
  const busy = (): boolean => uploads.value.some((one) => !one.trouble)
  return { uploads, addAll, drop, busy }
}
