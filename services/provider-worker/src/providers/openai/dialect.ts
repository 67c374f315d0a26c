import type { ChatApi, Identity, NativeApi, Provider, ProviderCall } from '../../provider.ts'
import { nativeInputTokens, nativeResponses } from '../responses.ts'
import { type NativeEndpoint, rowOf } from '../rows.ts'
import { rulesFor } from '../rules.ts'
import { type Address, addressOf, headersOf } from './address.ts'
import { openAiChat } from './chat.ts'
import { nativeEmbeddings } from './embeddings.ts'
import { refused } from './error.ts'
import { modelsIn } from './models.ts'
import { nativeChat } from './native-chat.ts'

/** The dialect of OpenAI and of every server compatible with it; what the client sent and what the model answers pass through, changed only where the provider's rules say so. */
export function openAiDialect(identity: Identity): Provider {
  const address = addressOf(identity)
  const rulesOf = rulesFor(identity)
  const apis: Partial<Record<NativeEndpoint, NativeApi>> = {
    ...(!address.lacksResponses && { responses: nativeResponses(identity), input_tokens: nativeInputTokens(identity) }),
    embeddings: nativeEmbeddings(identity),
  }
  const native: Partial<Record<NativeEndpoint, NativeApi>> = { chat: addressed(address, nativeChat(identity, rulesOf)) }
  for (const endpoint of rowOf(identity.type).native) {
    const api = apis[endpoint]
    if (api) native[endpoint] = addressed(address, api)
  }
  return {
    headers: headersOf(identity),
    native,
    chat: addressedChat(address, openAiChat(identity, rulesOf)),
    modelsPath: address.modelsPath,
    ...(address.fixedModels && { fixedModels: address.fixedModels }),
    ...(address.resourcePath && { resourcePath: address.resourcePath }),
    error: refusal => refused(identity, refusal),
    models: body => modelsIn(identity, body),
  }
}

const addressed =
  (address: Address, api: NativeApi): NativeApi =>
  (body, request, changes): ProviderCall => {
    const call = api(body, request, changes)
    return { ...call, path: address.path(call.path, request.model) }
  }

const addressedChat = (address: Address, chat: ChatApi): ChatApi => ({
  begin(asked, request, changes) {
    const call = chat.begin(asked, request, changes)
    return { ...call, path: address.path(call.path, request.model) }
  },
})
