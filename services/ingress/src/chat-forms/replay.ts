import type { CachedAnswer } from '@gomodel/contracts'
import { eventsFromWhole } from './events-from-whole.ts'
import { eventsWithUsage } from './events-with-usage.ts'
import { wholeFromEvents } from './whole-from-events.ts'

/** How a client wants its answer. */
export interface Wanted {
  readonly stream: boolean
  /** It asked to see usage in the stream. */
  readonly includeUsage: boolean
}

/** A stored chat answer in the form that a client wants; undefined when it cannot be had in that form without guessing, which is a miss. */
export function replay(answer: CachedAnswer, bytes: Uint8Array, { stream, includeUsage }: Wanted): Buffer | undefined {
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const usage = answer.nativeUsage
  try {
    if (answer.form === 'whole') return stream ? eventsFromWhole(stored, { includeUsage, usage }) : stored
    return stream ? eventsWithUsage(stored, { includeUsage, usage }) : wholeFromEvents(stored, usage)
  } catch {
    // A cache fails open: whatever is odd about a stored answer, the provider can still be asked.
    return undefined
  }
}
