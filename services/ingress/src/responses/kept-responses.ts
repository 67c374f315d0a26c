import type { Bus, Trace } from '@gomodel/bus'
import { GatewayError, type KeptResponse, type RequestOf, RESPONSE_POOL, responseDelete, responseGet, responsePut } from '@gomodel/contracts'
import type { IngressMetrics, KeepVerdict } from '../observe.ts'

/** A response that was kept, with its bytes where the gateway has them. */
export interface Found {
  readonly kept: KeptResponse
  readonly bytes: Buffer
}

/** What the archive needs of the process it lives in. */
export interface ArchiveParts {
  readonly bus: Bus
  readonly metrics: IngressMetrics
  readonly log: { warn(about: object, message: string): void; info(about: object, message: string): void }
}

const PUT_DEADLINE_MS = 2000
/** On top of it, so that 32 MB have six seconds. */
const BYTES_PER_MS = 8 * 1024
const GET_DEADLINE_MS = 10_000
const RETRY_MS = 2000
/** What the store takes; others are at their provider, but cannot be found through the gateway. */
const ID = /^[A-Za-z0-9_.:-]{1,200}$/
const NO_BODY = Buffer.alloc(0)

/** The responses that are kept between requests, by id and tenant; the store's part of a request stands in the request's trace. What cannot be kept is a metric and a warning; what cannot be asked is an error. */
export class KeptResponses {
  readonly #parts: ArchiveParts
  #failing = false

  constructor(parts: ArchiveParts) {
    this.#parts = parts
  }

  /** Resolves when the response is kept, or it is known that it is not; never rejects. */
  async keep(id: string, kept: KeptResponse, { bytes = NO_BODY, trace }: { bytes?: Uint8Array; trace: Trace }): Promise<void> {
    if (!ID.test(id)) return
    const verdict = await this.#put({ id, kept }, bytes, trace)
    const { metrics, log } = this.#parts
    metrics.responseKept(verdict)
    if (verdict === 'too_large') log.warn({ id, bytes: bytes.length }, 'a response is too large to be kept: it can neither be fetched nor gone on from')
    const failing = verdict === 'unavailable'
    if (failing && !this.#failing) log.warn({ id }, 'responses cannot be kept for now: they can neither be fetched nor gone on from')
    if (!failing && this.#failing) log.info({}, 'responses are kept again')
    this.#failing = failing
  }

  /** Undefined when there is none of this tenant; throws `unavailable` when the store cannot be asked. */
  async find(id: string, tenant: string, trace: Trace): Promise<Found | undefined> {
    if (!ID.test(id)) return undefined
    try {
      const answer = await this.#parts.bus.exchange(responseGet, { id, tenant }, { to: RESPONSE_POOL, body: NO_BODY, signal: AbortSignal.timeout(GET_DEADLINE_MS), trace })
      const chunks: Uint8Array[] = []
      for await (const chunk of answer) chunks.push(chunk)
      return answer.head.kept && { kept: answer.head.kept, bytes: Buffer.concat(chunks) }
    } catch (thrown) {
      throw away(thrown)
    }
  }

  /** False when there is none of this tenant; throws `unavailable` when the store cannot be asked. */
  async forget(id: string, tenant: string, trace: Trace): Promise<boolean> {
    if (!ID.test(id)) return false
    try {
      return (await this.#parts.bus.ask(responseDelete, { id, tenant }, { trace })).reply.deleted
    } catch (thrown) {
      throw away(thrown)
    }
  }

  async #put(asked: RequestOf<typeof responsePut>, body: Uint8Array, trace: Trace): Promise<KeepVerdict> {
    const deadlineMs = Math.round(PUT_DEADLINE_MS + body.length / BYTES_PER_MS)
    try {
      const answer = await this.#parts.bus.exchange(responsePut, asked, { to: RESPONSE_POOL, body, signal: AbortSignal.timeout(deadlineMs), trace })
      for await (const _ of answer) continue
      return answer.end?.verdict ?? 'unavailable'
    } catch {
      return 'unavailable'
    }
  }
}

const away = (cause: unknown): GatewayError =>
  new GatewayError('unavailable', 'kept responses cannot be reached now', { reason: 'response_store_unavailable', retryAfterMs: RETRY_MS, cause })
