const LARGEST = 256 * 1024
const SMALLEST = 8 * 1024

/**
 * Shares a fixed number of bytes among all incoming streams of a process: what their senders may have on the way, together, never exceeds
 * `totalBytes`. A server cuts a connection that lags 64 MB behind, so half of that is the default.
 */
export class WindowPool {
  readonly totalBytes: number
  #granted = 0
  #open = 0

  constructor(totalBytes = 32 * 1024 * 1024) {
    this.totalBytes = totalBytes
  }

  get grantedBytes(): number {
    return this.#granted
  }

  get open(): number {
    return this.#open
  }

  /** A window for one more stream, or undefined when the pool is used up. */
  take(): Window | undefined {
    const bytes = Math.min(this.target, this.totalBytes - this.#granted)
    if (bytes < SMALLEST) return undefined
    this.#open++
    return new Window(this, bytes)
  }

  /** What a stream may have on the way now: half the pool by equal parts, within bounds. */
  get target(): number {
    return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(this.totalBytes / 2 / (this.#open + 1))))
  }

  add(bytes: number): number {
    const given = Math.min(bytes, this.totalBytes - this.#granted)
    this.#granted += given
    return given
  }

  release(bytes: number): void {
    this.#granted -= bytes
  }

  close(bytes: number): void {
    this.#open--
    this.#granted -= bytes
  }
}

/** The credit of one incoming stream: cumulative bytes granted to its sender, and of these the ones that have left this process. */
export class Window {
  readonly #pool: WindowPool
  #granted: number
  #consumed = 0
  #closed = false

  constructor(pool: WindowPool, bytes: number) {
    this.#pool = pool
    this.#granted = pool.add(bytes)
  }

  get granted(): number {
    return this.#granted
  }

  /** Takes note that bytes have left; true when enough did that the sender should hear of new credit. */
  consume(bytes: number): boolean {
    if (this.#closed) return false
    this.#consumed += bytes
    this.#pool.release(bytes)
    const open = this.#granted - this.#consumed
    const target = this.#pool.target
    if (open > target / 2) return false
    this.#granted += this.#pool.add(target - open)
    return true
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pool.close(this.#granted - this.#consumed)
  }
}
