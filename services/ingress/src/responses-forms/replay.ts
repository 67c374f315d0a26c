import type { CachedAnswer } from '@gomodel/contracts'
import { eventsFromResponse } from './events-from-response.ts'
import { responseFromEvents } from './response-from-events.ts'

/** A stored response in the form that a client wants; undefined when it cannot be had in that form without guessing, which is a miss. */
export function replayResponse(answer: CachedAnswer, bytes: Uint8Array, { stream }: { readonly stream: boolean }): Buffer | undefined {
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if ((answer.form === 'stream') === stream) return stored
  try {
    return stream ? eventsFromResponse(stored) : responseFromEvents(stored)
  } catch {
    // A cache fails open: whatever is odd about a stored answer, the provider can still be asked.
    return undefined
  }
}
