import { chat } from './chat.ts'
import { embeddings } from './embeddings.ts'
import type { GenerateEndpoint } from './endpoint.ts'
import { countTokens, messages } from './messages.ts'
import { inputTokens, responses } from './responses.ts'

/** Every endpoint that asks a model. */
export const ENDPOINTS: readonly GenerateEndpoint[] = [chat, messages, countTokens, responses, inputTokens, embeddings]
