/** All pieces that come. Not read with `for await`, which made a kilobyte of objects more for each answer, as V8's sampling heap profiler saw it in standalone under the load of the benchmark's json64. */
export async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  const iterator = bytes[Symbol.asyncIterator]()
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) pieces.push(step.value)
  return pieces
}

/** One piece of several; of a single one that piece itself. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))

/** All that comes, as one piece: half of a document is of no use to anybody. */
export class OnePiece implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  #bytes: AsyncIterable<Uint8Array> | undefined

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const bytes = this.#bytes
    if (!bytes) return { done: true, value: undefined }
    this.#bytes = undefined
    return { done: false, value: joined(await collected(bytes)) }
  }
}
