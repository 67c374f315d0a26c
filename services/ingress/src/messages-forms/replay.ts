import type { CachedAnswer } from '@gomodel/contracts'
import type { Wanted } from '../chat-forms/replay.ts'
import { eventsFromMessage } from './events-from-message.ts'
import { messageFromEvents } from './message-from-events.ts'

/** A stored answer of the Messages API in the form that a client wants; undefined when it cannot be had in that form without guessing, which is a miss. */
export function replayMessage({ form }: CachedAnswer, bytes: Uint8Array, { stream }: Wanted): Buffer | undefined {
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (stream === (form === 'stream')) return stored
  try {
    return stream ? eventsFromMessage(stored) : messageFromEvents(stored)
  } catch {
    // A cache fails open: whatever is odd about a stored answer, the provider can still be asked.
    return undefined
  }
}
