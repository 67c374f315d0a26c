import type { Ask, Exchange, GatewayError } from '@gomodel/contracts'
import type { NearExchange } from './near-exchange.ts'
import type { Question, Reply } from './types.ts'

/** One who answers questions of a subject in this process. */
export interface NearAnswerer {
  readonly contract: Ask
  readonly handler: (question: Question<never>) => Promise<Reply<unknown>> | Reply<unknown>
}

/** One who serves the exchanges of a pool in this process. */
export interface NearServer {
  readonly worker: string
  readonly contract: Exchange
  /** The share of its capacity that is in use; undefined while it takes no new work. */
  readonly load: number | undefined
  /** Begins to answer, or says why it does not. */
  admit(exchange: NearExchange): GatewayError | undefined
}

/**
 * Who can be reached in this process without a message: values are handed over as they are, neither written nor read again. With frames, every
 * request cost a process 120 of 750 µs (`npm run bench -- --lanes json64 --systems standalone --profile FOLDER`, on the commit before).
 */
export class Desk {
  readonly answerers = new Listed<NearAnswerer>()
  readonly servers = new Listed<NearServer>()
}

/** Those who are there under a name. */
class Listed<T> {
  readonly #all = new Map<string, T[]>()

  under(name: string): readonly T[] {
    return this.#all.get(name) ?? NOBODY
  }

  /** Adds one; what is returned takes it away again. */
  add(name: string, one: T): () => void {
    this.#all.set(name, [...this.under(name), one])
    return () => void this.#all.set(name, this.under(name).filter(other => other !== one))
  }
}

const NOBODY: readonly never[] = []
