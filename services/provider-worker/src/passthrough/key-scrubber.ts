const STAR = 0x2a
// A shorter one would be found where it does not stand.
const SHORTEST_KEY = 8
const NOTHING = Buffer.alloc(0)

/** Stars out a key in bytes that pass by, wherever they are cut; their number stays. */
export class KeyScrubber {
  readonly #key: Buffer
  #held = NOTHING

  constructor(apiKey: string | undefined) {
    this.#key = apiKey && apiKey.length >= SHORTEST_KEY ? Buffer.from(apiKey) : NOTHING
  }

  /** What may go on now. A key that may have begun at the end of it is held until it is known. */
  push(chunk: Buffer): Buffer {
    if (this.#key.length === 0) return chunk
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const clean = this.#starred(bytes)
    const open = this.#openAt(clean)
    this.#held = Buffer.from(clean.subarray(open))
    return clean.subarray(0, open)
  }

  /** What was held back, now that nothing follows. */
  end(): Buffer {
    const rest = this.#held
    this.#held = NOTHING
    return rest
  }

  #starred(bytes: Buffer): Buffer {
    let found = bytes.indexOf(this.#key)
    if (found === -1) return bytes
    const copy = Buffer.from(bytes)
    for (; found !== -1; found = copy.indexOf(this.#key, found)) copy.fill(STAR, found, found + this.#key.length)
    return copy
  }

  /** Where the key may begin that the next bytes complete. */
  #openAt(bytes: Buffer): number {
    for (let length = Math.min(this.#key.length - 1, bytes.length); length > 0; length--) {
      if (this.#key.compare(bytes, bytes.length - length, bytes.length, 0, length) === 0) return bytes.length - length
    }
    return bytes.length
  }
}
