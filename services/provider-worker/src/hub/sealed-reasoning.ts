import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { ReasoningDetail } from './hub.ts'

/** What a provider wants back of its own thinking, as one text that a client of another API hands around unread. */
export const SealedReasoning = Type.Object({
  details: Type.Array(ReasoningDetail),
  /** By the id of a tool call, what its provider put beside it. */
  calls: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type SealedReasoning = Static<typeof SealedReasoning>

/** What every sealed text begins with; no provider's own encrypted content does. */
export const SEAL = 'gomodel.v1.'

const validator = Compile(SealedReasoning)

export const sealed = (reasoning: SealedReasoning): string => SEAL + Buffer.from(JSON.stringify(reasoning)).toString('base64url')

/** Undefined when the text is not one of ours, or was damaged on its way. */
export function unsealed(text: string): SealedReasoning | undefined {
  if (!text.startsWith(SEAL)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text.slice(SEAL.length), 'base64url').toString())
    return validator.Check(value) ? (value as SealedReasoning) : undefined
  } catch {
    return undefined
  }
}
