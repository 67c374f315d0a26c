import { type Endpoint, GatewayError } from '@gomodel/contracts'
import { Changes } from '../hub/changes.ts'
import type { Dialect, GenerateRequest, LocalAnswer, LocalApi, Provider, ProviderCall } from '../provider.ts'
import { chatDialect } from './chat.ts'
import { estimateMessages } from './messages/count-tokens.ts'
import { messagesDialect } from './messages/messages.ts'
import { responsesDialect } from './responses/index.ts'
import { estimateInput } from './responses/input-tokens.ts'
import { translated } from './translated.ts'

/** The dialects that any provider with a chat can be spoken to in. */
const DIALECTS: { readonly [E in Endpoint]?: Dialect } = { chat: chatDialect, messages: messagesDialect, responses: responsesDialect }

/** What is answered here, without a call, where a provider has nothing of the kind. */
const LOCAL: { readonly [E in Endpoint]?: LocalApi } = { count_tokens: estimateMessages, input_tokens: estimateInput }

/** How a request is answered: by one call of the provider, or by what is known without. */
export type Answering = { readonly call: ProviderCall; readonly local?: undefined } | { readonly call?: undefined; readonly local: LocalAnswer }

/** One call of a provider in the client's dialect, native where it has it unless that turned out to be missing, and what had to be changed for it. Throws when it cannot be. */
export function providerCall(provider: Provider, name: string, asked: { body: Uint8Array; request: GenerateRequest; missing?: boolean }): Answering & { readonly changes: Changes } {
  const { body, request, missing = false } = asked
  const changes = new Changes()
  const answering = begun(provider, name, { body, request, changes, missing })
  if (request.strict === true) changes.refuseLosses(name)
  return { ...answering, changes }
}

function begun(provider: Provider, name: string, asked: { body: Uint8Array; request: GenerateRequest; changes: Changes; missing: boolean }): Answering {
  const { body, request, changes } = asked
  const native = provider.native[request.endpoint]
  if (native && !asked.missing) return { call: native(body, request, changes) }
  const dialect = DIALECTS[request.endpoint]
  if (dialect) return { call: translated(dialect, provider.chat, { body, request, changes }) }
  const local = LOCAL[request.endpoint]
  if (local) return { local: local(body, request, changes) }
  throw new GatewayError('unsupported', `${name} has no ${request.endpoint.replace('_', ' ')}`, { provider: name, reason: 'unsupported_endpoint' })
}
