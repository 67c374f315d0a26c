import { Changes } from '../../hub/changes.ts'
import { estimatedTokens } from '../../hub/estimated-tokens.ts'
import type { LocalApi } from '../../provider.ts'
import { readMessages } from './read-request.ts'

/** How many tokens a Messages request is, as near as can be told where the provider does not count them. */
export const estimateMessages: LocalApi = (body, _, changes) => {
  // What a call would lose is said when it is made.
  const tokens = estimatedTokens(readMessages(body, new Changes()).chat)
  changes.emulated('input_tokens', 'estimate')
  return { bytes: Buffer.from(JSON.stringify({ input_tokens: tokens })), end: {} }
}
