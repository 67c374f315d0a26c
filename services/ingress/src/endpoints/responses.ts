import type { Static } from 'typebox'
import { watchedResponse } from '../responses/answer-watch.ts'
import { joinedRequest } from '../responses/joined-request.ts'
import { isReference } from '../responses/record.ts'
import { responsesErrors } from '../responses-errors.ts'
import { replayResponse } from '../responses-forms/replay.ts'
import { lastOfResponses } from '../semantic/last-turn.ts'
import type { GenerateEndpoint } from './endpoint.ts'
import { OPENAI_HEADERS } from './openai-headers.ts'
import { bodyReader } from './read-body.ts'
import { InputTokensRequest, ResponsesRequest } from './responses-api.ts'

const readResponses = bodyReader(ResponsesRequest)
const readInputTokens = bodyReader(InputTokensRequest)

/** `POST /v1/responses`, OpenAI's Responses API. */
export const responses: GenerateEndpoint = {
  endpoint: 'responses',
  path: '/v1/responses',
  read(body) {
    const asked = readResponses(body)
    const { model, stream, store, background } = asked
    const state = { ...earlierIn(asked), store: store !== false }
    // The same words mean something else after another history, or tomorrow.
    const stateful = isGiven(asked.conversation) || isGiven(asked.prompt) || background === true || state.previous !== undefined || state.references
    // Its streams always end with what was spent.
    return { model, stream: stream === true, includeUsage: true, state, stateful }
  },
  headers: OPENAI_HEADERS,
  errors: responsesErrors,
  lastTurn: lastOfResponses,
  replay: replayResponse,
  joined: joinedRequest,
  watched: watchedResponse,
}

/** `POST /v1/responses/input_tokens`. */
export const inputTokens: GenerateEndpoint = {
  endpoint: 'input_tokens',
  path: '/v1/responses/input_tokens',
  read(body) {
    const asked = readInputTokens(body)
    return { model: asked.model, stream: false, includeUsage: false, state: { ...earlierIn(asked), store: false } }
  },
  headers: OPENAI_HEADERS,
  errors: responsesErrors,
  joined: joinedRequest,
}

function earlierIn({ previous_response_id: previous, input }: Static<typeof InputTokensRequest>): { previous?: string; references: boolean } {
  const references = Array.isArray(input) && input.some(isReference)
  return { ...(typeof previous === 'string' && { previous }), references }
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined
