/** Which Qdrant, and how long one call may take. */
export interface QdrantAddress {
  readonly url: string
  readonly apiKey: string | undefined
  readonly timeoutMs: number
}

/** An answer that is no success. */
export class QdrantRefusal extends Error {
  override readonly name = 'QdrantRefusal'
  readonly status: number

  constructor(status: number, said: string) {
    super(`Qdrant answered ${status}`, { cause: new Error(said) })
    this.status = status
  }
}

/** Calls of Qdrant's REST interface. Its own client would bring the TypeScript compiler into every image, as a peer that is not optional. */
export class QdrantRest {
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number

  constructor({ url, apiKey, timeoutMs }: QdrantAddress) {
    this.#base = url.replace(/\/+$/, '')
    this.#headers = { 'content-type': 'application/json', ...(apiKey !== undefined && { 'api-key': apiKey }) }
    this.#timeoutMs = timeoutMs
  }

  /** The `result` of an answer; rejects with a QdrantRefusal for every status but those of success. */
  async call<T>(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(this.#timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new QdrantRefusal(response.status, text.slice(0, 500))
    return (JSON.parse(text) as { result: T }).result
  }
}
