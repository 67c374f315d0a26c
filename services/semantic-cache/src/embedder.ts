import { randomUUID } from 'node:crypto'
import { type Bus, PassingMap, type Trace } from '@gomodel/bus'
import { generate } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import { Batch } from './batch.ts'
import { vectorsIn } from './embedding-answer.ts'

/** Whose vectors they are. */
export interface EmbeddingModel {
  /** The provider instance that is asked, over the bus: its keys, circuit breaker and usage are those of every other call. */
  readonly instance: string
  readonly model: string
}

const MEMO_BYTES = 16 * 1024 * 1024
const BATCH = { count: 32, waitMs: 2 }
const TIMEOUT_MS = 10_000

/** Turns texts into vectors of length 1: each text once, texts of one moment together, equal ones not again as long as they are remembered. */
export class Embedder {
  readonly #bus: Bus
  readonly #model: EmbeddingModel
  readonly #memo = new LRUCache<string, Float32Array>({ maxSize: MEMO_BYTES, sizeCalculation: (vector, text) => vector.byteLength + text.length * 2 })
  readonly #underWay = new PassingMap<string, Promise<Float32Array>>()
  readonly #batch = new Batch<Float32Array, Trace | undefined>(BATCH, (texts, trace) => this.#ask(texts, trace))
  #dimensions: number | undefined

  constructor(bus: Bus, model: EmbeddingModel) {
    this.#bus = bus
    this.#model = model
  }

  /** Known after the first answer. */
  get dimensions(): number | undefined {
    return this.#dimensions
  }

  /** Rejects when the provider fails or answers with anything but vectors of one length. The call stands in the trace of the first who asked for one of its texts. */
  async embed(text: string, trace: Trace | undefined): Promise<Float32Array> {
    const known = this.#memo.get(text)
    if (known) return known
    const underWay = this.#underWay.get(text)
    if (underWay) return underWay
    const asked = this.#batch.add(text, trace)
    this.#underWay.set(text, asked)
    try {
      const vector = await asked
      this.#memo.set(text, vector)
      return vector
    } finally {
      this.#underWay.delete(text)
    }
  }

  async #ask(texts: readonly string[], trace: Trace | undefined): Promise<readonly Float32Array[]> {
    const { instance, model } = this.#model
    const body = Buffer.from(JSON.stringify({ model, input: texts, encoding_format: 'float' }))
    const request = { requestId: `semantic-${randomUUID()}`, endpoint: 'embeddings' as const, model, stream: false, includeUsage: false }
    const answer = await this.#bus.exchange(generate, request, { to: instance, body, signal: AbortSignal.timeout(TIMEOUT_MS), trace })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const vectors = vectorsIn(Buffer.concat(chunks), texts.length)
    for (const { length } of vectors) {
      this.#dimensions ??= length
      if (length !== this.#dimensions) throw new Error(`the embedder gave a vector of ${length} dimensions after one of ${this.#dimensions}`)
    }
    return vectors
  }
}
