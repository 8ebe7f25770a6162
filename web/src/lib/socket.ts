// The live line: one Socket.IO connection in the namespace /desk, answers always acknowledged.
import type { Socket } from 'socket.io-client'
import type { Change, Person } from './types'

interface FromServer {
  change: (change: Change) => void
  presence: (seen: { case_id: number; people: Person[] }) => void
  visitor: (hint: { case_id: number; typing?: boolean; read?: number }) => void
  sign_out: (said: { sentence: string }) => void
}

export interface Answer {
  ok: boolean
  error?: string
  people?: Person[]
  position?: number
}

interface ToServer {
  viewing: (said: { case_id: number | null }, answer: (a: Answer) => void) => void
  typing: (said: { case_id: number; kind: string }, answer: (a: Answer) => void) => void
  position: (said: Record<string, never>, answer: (a: Answer) => void) => void
}

export type DeskSocket = Socket<FromServer, ToServer>

/** Opens the line, after the first paint. A lost one comes back by itself, within 0.5 to 8 seconds. */
export async function connect(): Promise<DeskSocket> {
  const { io } = await import('socket.io-client')
  return io('/desk', {
    transports: ['websocket', 'polling'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 8000,
  })
}

/** Says something and waits at most five seconds for the answer; silence is `{ok: false}`. */
export async function ask<E extends keyof ToServer>(
  socket: DeskSocket,
  event: E,
  said: Parameters<ToServer[E]>[0],
): Promise<Answer> {
  if (!socket.connected) return { ok: false, error: 'offline' }
  try {
    return (await (socket.timeout(5000) as unknown as Waiting).emitWithAck(event, said)) as Answer
  } catch {
    return { ok: false, error: 'silence' }
  }
}

interface Waiting {
  emitWithAck(event: string, said: unknown): Promise<unknown>
}
