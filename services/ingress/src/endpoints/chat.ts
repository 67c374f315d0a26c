import { ChatRequest } from '@gomodel/contracts'
import { replay } from '../chat-forms/replay.ts'
import { openAiErrors } from '../error-reply.ts'
import { lastOfChat } from '../semantic/last-turn.ts'
import type { GenerateEndpoint } from './endpoint.ts'
import { OPENAI_HEADERS } from './openai-headers.ts'
import { bodyReader } from './read-body.ts'

const readChat = bodyReader(ChatRequest)

/** `POST /v1/chat/completions`. */
export const chat: GenerateEndpoint = {
  endpoint: 'chat',
  path: '/v1/chat/completions',
  read(body) {
    const { model, stream, stream_options: options } = readChat(body)
    return { model, stream: stream === true, includeUsage: options?.include_usage === true, ...(options && { streamOptions: true }) }
  },
  headers: OPENAI_HEADERS,
  errors: openAiErrors,
  lastTurn: lastOfChat,
  replay,
}
