import { Type } from 'typebox'
import { TraceContext } from './types.ts'

/** What opens an exchange, beside the contract's own request. */
export const OpenEnvelope = Type.Object({
  /** Bytes of answer that the caller has room for. */
  granted: Type.Integer({ minimum: 0 }),
  bodyLength: Type.Integer({ minimum: 0 }),
  /** The body is in the same message; otherwise it follows in credited pieces after acceptance. */
  inline: Type.Boolean(),
  trace: Type.Optional(TraceContext),
  request: Type.Unknown(),
})
