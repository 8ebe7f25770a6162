// Sending a file with its progress; fetch cannot tell how far it is, so this uses XMLHttpRequest.
import { ApiError, asError, changeHeaders, url } from './api'
import type { Stored } from './types'

export const LARGEST_BYTES = 25_000_000

/** Word processors and spreadsheets lay a picture of what was copied beside its text: the text is meant. */
export const isWriting = (types: readonly string[]): boolean =>
  types.includes('text/plain') && (types.includes('text/html') || types.includes('text/rtf'))

/** Uploads one file. `progress` hears 0…1; the signal stops it. */
export function upload(file: File, progress: (part: number) => void, signal: AbortSignal): Promise<Stored> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url('/files'))
    for (const [name, value] of Object.entries(changeHeaders())) request.setRequestHeader(name, value)
    request.responseType = 'json'
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total)
    request.onerror = () => reject(new ApiError(0, 'offline', 'The server cannot be reached.'))
    request.onload = () =>
      request.status < 300
        ? resolve(request.response as Stored)
        : reject(asError(request.status, request.response))
    signal.addEventListener('abort', () => request.abort())
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}
