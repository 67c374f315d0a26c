import { encodeWithJson, KIND } from './frames.ts'
import type { Trace } from './types.ts'

const INLINE_BYTES = 256 * 1024

interface Opening {
  readonly granted: number
  readonly body: Uint8Array
  readonly trace: Trace | undefined
  readonly request: unknown
  readonly maxPayload: number
}

/** The message that opens an exchange, and whether the body is in it. */
export function opening({ granted, body, trace, request, maxPayload }: Opening): { message: Buffer; inline: boolean } {
  const encoded = (inline: boolean) => encodeWithJson(KIND.open, { granted, bodyLength: body.length, inline, ...(trace && { trace }), request }, inline ? body : undefined)
  if (body.length > Math.min(INLINE_BYTES, maxPayload)) return { message: encoded(false), inline: false }
  // What goes beside the body is not known before it is written; that both do not fit is rare, and then it is written once more.
  const message = encoded(true)
  return message.length > maxPayload ? { message: encoded(false), inline: false } : { message, inline: true }
}
