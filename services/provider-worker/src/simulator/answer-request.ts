import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../log.ts'
import { chat } from './chat.ts'
import { CREATED } from './chat-forms.ts'
import { embeddings } from './embeddings.ts'
import { Refusal, simulatedError, wrong } from './refusal.ts'
import { fieldsOf, text } from './request-fields.ts'
import { sendJson } from './send-json.ts'
import { OWNER, SIMULATED_MODELS, behaviourOf } from './simulated-models.ts'

/** What all requests to one simulator share. */
export interface SimulatorParts {
  readonly tokensPerSecond: number
  /** Told of tokens as they are spoken. */
  readonly spoke: (tokens: number) => void
  readonly log: Log
}

const MAX_BODY_BYTES = 64 * 1024 * 1024

/** Answers one HTTP request: the models, a chat, embeddings, or an error in OpenAI's shape. */
export async function answerRequest(request: IncomingMessage, response: ServerResponse, parts: SimulatorParts): Promise<void> {
  response.on('error', () => undefined)
  try {
    await route(request, response, parts)
  } catch (thrown) {
    if (response.destroyed) return
    if (!(thrown instanceof Refusal)) parts.log.error({ err: thrown }, 'the simulator failed')
    if (response.headersSent) return void response.destroy()
    const { status, body, retryAfterSeconds } = thrown instanceof Refusal ? thrown : new Refusal(500, { message: 'The simulator failed.', type: 'server_error' })
    sendJson(response, body, { status, ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': retryAfterSeconds } }) })
  }
}

async function route(request: IncomingMessage, response: ServerResponse, parts: SimulatorParts): Promise<void> {
  const { method = '', url = '' } = request
  const path = url.split('?')[0]
  if (method === 'GET' && path === '/v1/models') return sendJson(response, modelList())
  if (method !== 'POST' || (path !== '/v1/chat/completions' && path !== '/v1/embeddings')) {
    throw new Refusal(404, { message: `Unknown request URL: ${method} ${path}.`, type: 'invalid_request_error', code: 'unknown_url' })
  }
  const body = await bodyOf(request)
  const fields = fieldsOf(body)
  const model = text(fields, 'model')
  const behaviour = behaviourOf(model, parts.tokensPerSecond)
  if (!behaviour) throw new Refusal(404, { message: `The model '${model.slice(0, 100)}' does not exist.`, type: 'invalid_request_error', param: 'model', code: 'model_not_found' })
  if (behaviour.answers === 'error') throw simulatedError(behaviour.status)
  const asked = path === '/v1/embeddings' ? 'embeddings' : 'chat'
  if (behaviour.answers !== asked) throw wrong('model', `The model '${model}' is for ${behaviour.answers}, not for ${asked}.`)
  if (asked === 'embeddings') return sendJson(response, embeddings(fields, model))
  chat(response, { fields, model, behaviour, id: `chatcmpl-simulated-${createHash('sha256').update(body).digest('hex').slice(0, 24)}`, spoke: parts.spoke })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // What is over the limit is read and dropped: the client must get to read the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (size > MAX_BODY_BYTES) throw new Refusal(413, { message: `The body is over ${MAX_BODY_BYTES} bytes.`, type: 'invalid_request_error' })
  return Buffer.concat(chunks)
}

const modelList = (): unknown => ({ object: 'list', data: SIMULATED_MODELS.map(id => ({ id, object: 'model', created: CREATED, owned_by: OWNER })) })
