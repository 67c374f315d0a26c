import type { Bus } from '@gomodel/bus'
import { GatewayError, relay, type HeadOf, type Method, type RequestOf } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Client } from '../client.ts'
import { forwardedHeaders } from './forwarded.ts'
import type { InstanceOffers } from './instance-offers.ts'

/** What relaying needs of the process it lives in. */
export interface RelayParts {
  readonly bus: Bus
  readonly offers: InstanceOffers
  readonly tracing: Tracing
  /** Told of an error that the client could only be shown by closing its connection. */
  readonly streamFailed: (request: FastifyRequest, error: GatewayError) => void
}

/** A request on its way to a provider. */
export interface Asking extends RequestOf<typeof relay> {
  readonly body: Uint8Array
  readonly signal: AbortSignal
  /** The span of the whole request. */
  readonly span: Span
}

/** A provider's answer as it comes, or one that is known already. */
export interface Relayed extends AsyncIterable<Uint8Array> {
  readonly head: HeadOf<typeof relay>
}

const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const MAX_COLLECTED_BYTES = 16 * 1024 * 1024
const NO_BODY = Buffer.alloc(0)

/** What a client asks, for the provider's eyes. */
export function askingOf(request: FastifyRequest, reply: FastifyReply, more: Pick<RequestOf<typeof relay>, 'path' | 'resource' | 'v1Alias' | 'upload'>): Asking {
  return {
    requestId: request.id,
    method: request.method as Method,
    headers: forwardedHeaders(request.raw.rawHeaders),
    ...more,
    body: request.body instanceof Buffer ? request.body : NO_BODY,
    signal: new Client(reply.raw).signal,
    span: request.span,
  }
}

/** The same client looks something up before its own request can go on. */
export const lookup = (asking: Asking, more: Partial<RequestOf<typeof relay>>): Asking => ({
  ...asking,
  method: 'GET',
  headers: asking.headers.filter(([name]) => !name.startsWith('content-') && !/^(?:if-|range$|accept$)/.test(name)),
  body: NO_BODY,
  ...more,
})

/** Asks one instance; resolves with the first bytes of its answer, whatever its status. */
export async function askInstance({ bus, tracing }: RelayParts, instance: string, { body, signal, span: parent, ...request }: Asking): Promise<Relayed> {
  const span = tracing.span('dispatch', { kind: 'client', parent: parent.trace, ...(tracing.enabled && { attributes: { 'gateway.provider.instance': instance } }) })
  const repeatable = REPEATABLE.has(request.method) || request.headers.some(([name]) => name === 'idempotency-key')
  try {
    const answer = await bus.exchange(relay, request, { to: instance, body, signal, once: !repeatable, trace: span.trace })
    span.event('first content')
    span.end()
    return answer
  } catch (thrown) {
    span.end(GatewayError.from(thrown))
    throw thrown
  }
}

/** All of an answer, which is not a large one. */
export async function collected(answer: Relayed): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer) {
    size += chunk.length
    if (size > MAX_COLLECTED_BYTES) throw new GatewayError('provider_failed', `${answer.head.provider} gave an answer of more than ${MAX_COLLECTED_BYTES} bytes`, { provider: answer.head.provider })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** An answer whose bytes are known. */
export const held = (head: Relayed['head'], bytes: Uint8Array): Relayed => ({
  head,
  async *[Symbol.asyncIterator]() {
    yield bytes
  },
})

/** Asks one instance after the other until one agrees. Who has the thing may object; who does not says 404. */
export async function firstThatKnows(parts: RelayParts, instances: readonly string[], asking: Asking): Promise<Relayed> {
  let objection: Relayed | undefined
  let unknown: Relayed | undefined
  let failure: unknown
  for (const instance of instances) {
    try {
      const answer = await askInstance(parts, instance, asking)
      const { status } = answer.head
      if (status < 400 || instances.length === 1) return answer
      const refusal = held(answer.head, await collected(answer))
      if (status === 404) unknown ??= refusal
      else objection ??= refusal
    } catch (thrown) {
      if (asking.signal.aborted) throw thrown
      failure ??= thrown
    }
  }
  if (objection) return objection
  // Whoever could not be asked may have it.
  if (failure !== undefined || !unknown) throw failure
  return unknown
}
