import { LRUCache } from 'lru-cache'
import type { Asked } from './endpoints/endpoint.ts'

/** What was read of one request body. All of it follows from the bytes. */
export interface Reading {
  readonly said: Asked
  /** The bytes, one a character; undefined when they are too many to be looked up by. */
  readonly text: string | undefined
  /** The last key that they were given, with what else it was made of. */
  keyed?: { readonly asked: string; readonly key: string | undefined }
}

const LONGEST = 16 * 1024
const LIMIT_BYTES = 2 * 1024 * 1024
/** What a reading takes beside its text. */
const OVERHEAD_BYTES = 1024

/**
 * Bodies that the exact cache knew an answer to. Who asks the same again mostly does so in the same bytes, and these need be neither parsed, checked
 * nor hashed once more. Bodies that were never a hit are not kept: they would be no more than work for the collector.
 */
export class Readings {
  readonly #read: (body: Buffer) => Asked
  readonly #known = new LRUCache<string, Reading>({ maxSize: LIMIT_BYTES, sizeCalculation: (_, text) => text.length + OVERHEAD_BYTES })

  /** `read` throws when a body is not what it should be. */
  constructor(read: (body: Buffer) => Asked) {
    this.#read = read
  }

  of(body: Buffer): Reading {
    const text = body.length > LONGEST ? undefined : body.toString('latin1')
    return (text === undefined ? undefined : this.#known.get(text)) ?? { said: this.#read(body), text }
  }

  /** It was a hit, and may come again. */
  keep(reading: Reading): void {
    if (reading.text !== undefined && !this.#known.has(reading.text)) this.#known.set(reading.text, reading)
  }
}
