import { membersOf } from '../json-fields.ts'
import { type Identity, ProviderError } from '../provider.ts'

const NO_NAMES: ReadonlySet<string> = new Set()

/** What a whole body means that is something else than was asked for: it would be paid for again. */
export const unasked = ({ name: provider }: Identity, what: string): ProviderError => new ProviderError('protocol', 'provider_failed', `${provider} gave an answer ${what}`, { provider })

/** What a whole body means that is no JSON object: cut off, it may come whole the next time. */
export function noObject(identity: Identity, text: string): ProviderError {
  const { name: provider } = identity
  if (isCut(text)) return new ProviderError('transport', 'provider_failed', `${provider} ended its answer early`, { provider })
  return unasked(identity, 'that is not a JSON object')
}

/** Nothing came, or an object that does not close. HTTP does not always tell: some servers end a body by closing the connection. */
function isCut(text: string): boolean {
  const begun = text.trimStart()
  return begun === '' || (begun.startsWith('{') && !closes(begun))
}

function closes(object: string): boolean {
  try {
    membersOf(Buffer.from(object), NO_NAMES)
    return true
  } catch {
    return false
  }
}
