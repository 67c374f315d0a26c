import type { Endpoint } from '@gomodel/contracts'
import { GatewayError } from '@gomodel/contracts'

/** What is known of an instance before it is asked. */
export interface Expectations {
  /** Whether a server of this kind may lack an endpoint that others of its type have. */
  readonly mayLack: boolean
  /** A clock in milliseconds. */
  readonly now: () => number
}

/** A server that was renewed may have what it lacked. */
const REMEMBERED_MS = 10 * 60 * 1000
const NO_SUCH_ENDPOINT: ReadonlySet<unknown> = new Set([404, 405])

/** Remembers of one instance which endpoints it turned out to lack, so that what it lacks is translated to its chat. */
export class MissingEndpoints {
  readonly #expectations: Expectations
  readonly #since = new Map<Endpoint, number>()

  constructor(expectations: Expectations) {
    this.#expectations = expectations
  }

  has(endpoint: Endpoint): boolean {
    const since = this.#since.get(endpoint)
    return since !== undefined && this.#expectations.now() - since < REMEMBERED_MS
  }

  /** Answers natively; where the server has no such endpoint by translation, and remembers that when it did. */
  async either<T>(endpoint: Endpoint, { native, translated }: { native: () => Promise<T>; translated: () => Promise<T> }): Promise<T> {
    if (this.has(endpoint)) return translated()
    try {
      return await native()
    } catch (thrown) {
      if (!this.#expectations.mayLack || !saysNoSuchEndpoint(thrown)) throw thrown
      const answer = await translated().catch((again: unknown) => {
        // Whatever the server did not find, it was nothing that a chat has.
        throw again instanceof GatewayError && again.code === 'unsupported' ? thrown : again
      })
      this.#since.set(endpoint, this.#expectations.now())
      return answer
    }
  }
}

/** It was not found, and it was not the model that was not found. */
function saysNoSuchEndpoint(thrown: unknown): boolean {
  if (!(thrown instanceof GatewayError)) return false
  const { cause, reason, param } = thrown.details
  const status = (cause as { status?: unknown } | undefined)?.status
  return NO_SUCH_ENDPOINT.has(status) && reason !== 'model_not_found' && param !== 'model'
}
