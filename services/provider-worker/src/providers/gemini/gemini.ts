import type { Identity, Provider } from '../../provider.ts'
import { openAiDialect } from '../openai/dialect.ts'
import { geminiChat } from './chat.ts'
import { geminiEmbeddings } from './embeddings.ts'
import { geminiRefusal } from './error.ts'
import { MODELS_PATH, bareName, modelsIn } from './model-list.ts'

/** Google's Gemini: its own API, or the OpenAI-compatible one beside it where the base URL ends in `/openai`. */
export const geminiProvider = (identity: Identity): Provider => (identity.baseUrl.endsWith('/openai') ? compatible(identity) : native(identity))

function native(identity: Identity): Provider {
  const key = identity.apiKey === undefined ? [] : ['x-goog-api-key', identity.apiKey]
  return {
    headers: ['content-type', 'application/json', 'accept-encoding', 'identity', ...key],
    native: { embeddings: geminiEmbeddings(identity) },
    chat: geminiChat(identity),
    error: refusal => geminiRefusal(identity, refusal),
    modelsPath: MODELS_PATH,
    models: body => modelsIn(identity, body),
  }
}

function compatible(identity: Identity): Provider {
  const provider = openAiDialect(identity)
  return {
    ...provider,
    error: refusal => geminiRefusal(identity, refusal),
    models: body => provider.models(body).map(model => ({ ...model, id: bareName(model.id) })),
  }
}
