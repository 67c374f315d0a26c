const BOUNDARY = Buffer.from('\n\n')
const NOTHING = Buffer.alloc(0)

/** Follows an event stream that passes by in pieces, and knows the last event that is complete. Events end with two line feeds. */
export class EventTail {
  /** Of the event that is not complete yet. */
  #begun: Buffer = NOTHING

  /** The last event that these bytes complete; undefined when they complete none. Good until the bytes are not. */
  add(bytes: Uint8Array): Buffer | undefined {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const joined = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece])
    const end = joined.lastIndexOf(BOUNDARY)
    if (end === -1) {
      this.#begun = this.#begun.length === 0 ? Buffer.from(joined) : joined
      return undefined
    }
    const rest = joined.subarray(end + BOUNDARY.length)
    this.#begun = rest.length === 0 ? NOTHING : Buffer.from(rest)
    const before = end === 0 ? -1 : joined.lastIndexOf(BOUNDARY, end - 1)
    return joined.subarray(before === -1 ? 0 : before + BOUNDARY.length, end)
  }
}
