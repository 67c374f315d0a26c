import type { FastifyRequest } from 'fastify'
import type { CacheQuestion } from './answer-cache.ts'
import { cacheControl } from './cache-control.ts'
import { exactKey, type ExactQuestion } from './cache-key.ts'
import type { Asked, GenerateEndpoint } from './endpoints/endpoint.ts'
import { OPENAI_HEADERS } from './endpoints/openai-headers.ts'
import type { ModelRequest } from './model-call.ts'
import type { Reading } from './readings.ts'
import type { SemanticCache } from './semantic/semantic-cache.ts'
import { cacheWishes } from './semantic/wishes.ts'

/** Which caches there are. */
export interface Layers {
  readonly exact: boolean
  readonly semantic: SemanticCache | undefined
}

/** Who asks, and where its prompt cache lives: no answer depends on it. */
const NOT_IN_KEY: ReadonlySet<string> = new Set(OPENAI_HEADERS)

/** A request as the caches are asked about it; `reading` is that of its body, if there is one. */
export function cacheQuestion(endpoint: GenerateEndpoint, request: FastifyRequest, { asked, reading, layers }: { asked: ModelRequest; reading: Reading | undefined; layers: Layers }): CacheQuestion {
  const { tenant, route, body, strict, headers, stream, includeUsage, stateful, span } = asked
  const control = controlOf(request)
  const policy = policyOf(strict, headers)
  const question: ExactQuestion = { tenant, endpoint: endpoint.endpoint, target: route.logical, policy, bytes: body }
  const cacheable = control.write && stateful !== true
  const said = cacheWishes(request.headers)
  const wishes = layers.exact ? said : { ...said, exact: false }
  return {
    key: cacheable ? exactKey(question, reading) : undefined,
    control,
    wishes,
    meaning: cacheable && wishes.semantic ? layers.semantic?.question(endpoint, question) : undefined,
    model: asked.model,
    tenant,
    wanted: { stream, includeUsage },
    manner: mannerOf(asked),
    replay: endpoint.replay!,
    span,
  }
}

/** Of what the key leaves out, all that may decide whether the call fails: the name of the model decides about fallbacks. */
const mannerOf = ({ model, stream, includeUsage, streamOptions = false }: Asked): string => `${stream} ${includeUsage} ${streamOptions} ${model}`

/** Empty for a request that is as plain as most are. */
function policyOf(strict: boolean, headers: ModelRequest['headers']): string {
  const shaping = Object.entries(headers).filter(([name]) => !NOT_IN_KEY.has(name))
  return strict || shaping.length > 0 ? JSON.stringify([strict, shaping]) : ''
}

/** `X-Cache-Control` is for clients that cannot set `Cache-Control`. */
function controlOf({ headers }: FastifyRequest): ReturnType<typeof cacheControl> {
  const own = headers['x-cache-control']
  return cacheControl(typeof own === 'string' ? [headers['cache-control'], own].filter(Boolean).join(', ') : headers['cache-control'])
}
