import type { ReasoningDetail } from '../../hub/hub.ts'
import { sealed } from '../../hub/sealed-reasoning.ts'

/** The format of Anthropic's own signatures, which stand as they are. */
export const ANTHROPIC_FORMAT = 'anthropic-claude-v1'

/**
 * The `signature` or `data` of a thinking block, which clients give back untouched, whatever it holds. Anthropic's own stands as it is; what
 * another provider wants back is sealed, so that it finds its way back to that provider and to nobody else.
 */
export function signatureOf(reasoning: ReasoningDetail): string {
  const detail = withoutText(reasoning)
  const proof = detail.type === 'reasoning.encrypted' ? detail.data : detail.signature
  if (detail.format === ANTHROPIC_FORMAT) return proof ?? ''
  return proof || detail.id ? sealed({ details: [detail] }) : ''
}

/** The same for what a provider wants back with a tool call. */
export const callSignatureOf = (call: string, extra: unknown): string => sealed({ details: [], calls: { [call]: extra } })

/** A thought without its words: those have a place of their own. */
export function withoutText(detail: ReasoningDetail): ReasoningDetail {
  const { text: _, summary: __, ...rest } = detail
  return rest
}
