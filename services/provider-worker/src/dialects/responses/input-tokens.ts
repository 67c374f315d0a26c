import { Changes } from '../../hub/changes.ts'
import { estimatedTokens } from '../../hub/estimated-tokens.ts'
import type { LocalApi } from '../../provider.ts'
import { chatRequest } from './chat-request.ts'
import { readRequest } from './request.ts'

/** How many tokens the input of a response is, as near as can be told where the provider does not count them. */
export const estimateInput: LocalApi = (body, _, changes) => {
  // What a call would lose is said when it is made.
  const unsaid = new Changes()
  const tokens = estimatedTokens(chatRequest(readRequest(body, unsaid), unsaid).chat)
  changes.emulated('input_tokens', 'estimate')
  return { bytes: Buffer.from(JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens })), end: {} }
}
