import { type Behaviour, type RecordedRequest, errorBody, numberedPieces } from './behaviour.ts'

const PROMPT_TOKENS = 7
const CREATED = 1_700_000_000
let answers = 0

/** What an OpenAI-dialect provider would say to a request: the pieces of its stream, or one JSON body. */
export type Answer = { body: unknown; status?: number } | { deltas: string[]; head: string[]; tail: string[] }

/** Builds the answer that a behaviour asks for in the form that the request asks for. */
export function answerTo(request: RecordedRequest, behaviour: Behaviour): Answer {
  const { json } = request
  if (behaviour.body !== undefined) return { body: behaviour.body }
  if (behaviour.events) return { deltas: behaviour.events.map(event), head: [], tail: [] }
  const path = request.path.split('?')[0] ?? ''
  if (path.endsWith('/embeddings')) return { body: embeddings(json) }
  if (!path.endsWith('/chat/completions')) return { status: 404, body: errorBody(404, `Unknown request URL: ${request.method} ${path}`, 'unknown_url') }
  const pieces = behaviour.pieces ?? numberedPieces(behaviour.deltas ?? 5, behaviour.bytesEach)
  const finishReason = behaviour.finishReason ?? 'stop'
  return json.stream === true ? chatStream(json, pieces, finishReason) : { body: chatAnswer(json, pieces, finishReason) }
}

/** A list of models as GET /v1/models gives it. */
export function modelList(ids: readonly string[]): unknown {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'scripted' })) }
}

/** One server-sent event; a string goes as it is. */
export function event(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

function chatStream(json: RecordedRequest['json'], pieces: readonly string[], finishReason: string): Answer {
  const options = json.stream_options as { include_usage?: boolean } | undefined
  const counted = options?.include_usage === true
  const id = `chatcmpl-${++answers}`
  const chunk = (choices: unknown[], counts: unknown = null): string =>
    event({ id, object: 'chat.completion.chunk', created: CREATED, model: modelOf(json), choices, ...(counted ? { usage: counts } : {}) })
  return {
    head: [chunk([choice({ role: 'assistant', content: '', refusal: null })])],
    deltas: pieces.map((content) => chunk([choice({ content })])),
    tail: [chunk([choice({}, finishReason)]), ...(counted ? [chunk([], usage(pieces.length))] : []), event('[DONE]')],
  }
}

function chatAnswer(json: RecordedRequest['json'], pieces: readonly string[], finishReason: string): unknown {
  const message = { role: 'assistant', content: pieces.join(''), refusal: null }
  return {
    id: `chatcmpl-${++answers}`,
    object: 'chat.completion',
    created: CREATED,
    model: modelOf(json),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage: usage(pieces.length),
  }
}

function embeddings(json: RecordedRequest['json']): unknown {
  const inputs = Array.isArray(json.input) ? json.input : [json.input]
  return {
    object: 'list',
    data: inputs.map((input, index) => ({ object: 'embedding', index, embedding: vector(String(input)) })),
    model: modelOf(json),
    usage: { prompt_tokens: PROMPT_TOKENS, total_tokens: PROMPT_TOKENS },
  }
}

const choice = (delta: unknown, finish: string | null = null): unknown => ({ index: 0, delta, logprobs: null, finish_reason: finish })

const vector = (text: string): number[] => Array.from({ length: 8 }, (_, index) => Math.sin(text.length + index))

const modelOf = (json: RecordedRequest['json']): string => (typeof json.model === 'string' ? json.model : 'scripted')

const usage = (completionTokens: number): unknown => ({
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: completionTokens,
  total_tokens: PROMPT_TOKENS + completionTokens,
})
