const LARGEST = 256 * 1024
const FIRST = 64 * 1024
const SMALLEST = 8 * 1024

/**
 * Shares a fixed number of bytes among all incoming streams of a process: what their senders may have on the way, together, never exceeds
 * `totalBytes`. A server cuts a connection that lags 64 MB behind, so half of that is the default. Whatever the others do, each open stream
 * keeps the smallest window, and one half of the pool is kept for the smallest windows of streams to come.
 */
export class WindowPool {
  readonly totalBytes: number
  #reserved = 0
  #open = 0

  constructor(totalBytes = 32 * 1024 * 1024) {
    this.totalBytes = totalBytes
  }

  get grantedBytes(): number {
    return this.#reserved
  }

  get open(): number {
    return this.#open
  }

  /** A window for one more stream, or undefined when the pool is used up. */
  take(): Window | undefined {
    if (this.totalBytes - this.#reserved < SMALLEST) return undefined
    this.#open++
    return new Window(this, this.resize(0, SMALLEST, this.#share(this.totalBytes / 8, FIRST)))
  }

  /** What a stream may have on the way now. */
  get target(): number {
    return this.#share(this.totalBytes / 2, LARGEST)
  }

  /** Changes a reservation of `held` bytes to `wanted`, or to what there is for growing, but not below `atLeast`. */
  resize(held: number, atLeast: number, wanted: number): number {
    const spare = this.totalBytes / 2 - (this.#reserved - held)
    const next = Math.max(SMALLEST, atLeast, Math.min(wanted, spare))
    this.#reserved += next - held
    return next
  }

  close(held: number): void {
    this.#open--
    this.#reserved -= held
  }

  #share(bytes: number, most: number): number {
    return Math.max(SMALLEST, Math.min(most, Math.floor(bytes / Math.max(1, this.#open))))
  }
}

/** The credit of one incoming stream: cumulative bytes granted to its sender, and of these the ones that have left this process. */
export class Window {
  readonly #pool: WindowPool
  #reserved: number
  #granted: number
  #consumed = 0
  #closed = false

  constructor(pool: WindowPool, bytes: number) {
    this.#pool = pool
    this.#reserved = bytes
    this.#granted = bytes
  }

  get granted(): number {
    return this.#granted
  }

  /** Takes note that bytes have left; true when enough did that the sender should hear of new credit. */
  consume(bytes: number): boolean {
    if (this.#closed) return false
    this.#consumed += bytes
    const open = this.#granted - this.#consumed
    // A stream earns a large window by what it took: a thousand short ones must not hold what they will never need.
    const size = Math.min(this.#pool.target, Math.max(SMALLEST, 2 * this.#consumed))
    const enough = open > size / 2
    this.#reserved = this.#pool.resize(this.#reserved, open, enough ? 0 : size)
    const gained = this.#reserved - open
    if (enough || gained < SMALLEST / 2) return false
    this.#granted += gained
    return true
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pool.close(this.#reserved)
  }
}
