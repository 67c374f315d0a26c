import { anthropicErrors } from '../anthropic-errors.ts'
import { replayMessage } from '../messages-forms/replay.ts'
import { lastOfMessages } from '../semantic/last-turn.ts'
import type { GenerateEndpoint } from './endpoint.ts'
import { CountTokensRequest, MessagesRequest } from './messages-api.ts'
import { bodyReader } from './read-body.ts'

const readMessages = bodyReader(MessagesRequest)
const readCountTokens = bodyReader(CountTokensRequest)

/** Headers that belong to a request of Anthropic's API: `anthropic-beta` may change the answer. */
const HEADERS = ['anthropic-beta', 'anthropic-version']

/** `POST /v1/messages`, Anthropic's API. */
export const messages: GenerateEndpoint = {
  endpoint: 'messages',
  path: '/v1/messages',
  read(body) {
    const { model, stream } = readMessages(body)
    // Its streams always end with what was spent.
    return { model, stream: stream === true, includeUsage: true }
  },
  headers: HEADERS,
  errors: anthropicErrors,
  lastTurn: lastOfMessages,
  replay: replayMessage,
}

/** `POST /v1/messages/count_tokens`. */
export const countTokens: GenerateEndpoint = {
  endpoint: 'count_tokens',
  path: '/v1/messages/count_tokens',
  read: body => ({ model: readCountTokens(body).model, stream: false, includeUsage: false }),
  headers: HEADERS,
  errors: anthropicErrors,
}
