import { encodeWithJson, KIND } from './frames.ts'
import type { Trace } from './types.ts'

const INLINE_BYTES = 256 * 1024
const ENVELOPE_BYTES = 4 * 1024

/** The message that opens an exchange, and whether the body is in it. */
export function opening({ granted, body, trace, request, maxPayload }: { granted: number; body: Uint8Array; trace: Trace | undefined; request: unknown; maxPayload: number }): { message: Buffer; inline: boolean } {
  const inline = body.length <= Math.min(INLINE_BYTES, maxPayload - ENVELOPE_BYTES)
  const open = { granted, bodyLength: body.length, inline, ...(trace && { trace }), request }
  return { message: encodeWithJson(KIND.open, open, inline ? body : undefined), inline }
}
