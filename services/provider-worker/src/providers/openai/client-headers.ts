import { digest } from '../../digest.ts'
import { type Members, elementsOf } from '../../json-fields.ts'
import type { GenerateRequest, Identity } from '../../provider.ts'

/** How a gateway that was given no other name shows up in OpenRouter's lists. */
const OPENROUTER_TITLE = 'GoModel'
const OPENROUTER_REFERER = 'https://github.com/ENTERPILOT/GoModel'

/** What tells xAI's conversations apart; only they are looked at. */
export const CONVERSATION: ReadonlySet<string> = new Set(['messages', 'tools'])

const PRINTABLE = /^[\x20-\x7e]{1,512}$/

/** Headers of one call that a provider wants besides its own; what the client says of itself goes before what is said for it. */
export function clientHeaders({ type }: Identity, { model, headers = {} }: GenerateRequest, body: Members): string[] {
  const own = (name: string, otherwise: () => string): string[] => {
    const given = headers[name]
    return [name, given !== undefined && PRINTABLE.test(given) ? given : otherwise()]
  }
  switch (type) {
    case 'openrouter':
      return [...own('http-referer', () => OPENROUTER_REFERER), ...own('x-title', () => OPENROUTER_TITLE)]
    case 'xai':
      return own('x-grok-conv-id', () => conversation(model, body))
    default:
      return []
  }
}

/** The same for every turn of a conversation, so that it meets its own prompt cache: model, tools and the first two messages do not change. */
function conversation(model: string, body: Members): string {
  const messages = body.get('messages')
  return digest(model, ...(messages ? elementsOf(messages, 2) : []), body.get('tools') ?? '').slice(0, 32)
}
