/** All pieces that come. Not read with `for await`, which makes a kilobyte of objects for every answer. */
export async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  const iterator = bytes[Symbol.asyncIterator]()
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) pieces.push(step.value)
  return pieces
}

/** One piece of several; of a single one that piece itself. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
