import { StoreFault } from '../store-failure.ts'

/** Which Weaviate, and how long one call may take. */
export interface WeaviateAddress {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly timeoutMs: number
}

/** Calls of Weaviate's REST and GraphQL interfaces. */
export class WeaviateClient {
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number

  constructor({ url, apiKey, timeoutMs }: WeaviateAddress) {
    this.#base = url.replace(/\/$/, '')
    this.#headers = { 'content-type': 'application/json', ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) }
    this.#timeoutMs = timeoutMs
  }

  /** The JSON of an answer; undefined for 404, a StoreFault for every other status but those of success. */
  async rest(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#base}/v1/${path}`, {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(this.#timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status === 404) return undefined
    if (response.status === 401 || response.status === 403) throw new StoreFault(`it refuses the key (${response.status})`)
    if (!response.ok) throw new StoreFault(`it answered with status ${response.status}`, { cause: new Error(text.slice(0, 500)) })
    return text === '' ? {} : JSON.parse(text)
  }

  /** The rows of one class, as `Get` or `Aggregate` gives them. */
  async rows(verb: 'Get' | 'Aggregate', className: string, what: string): Promise<Record<string, unknown>[]> {
    const answer = (await this.rest('POST', 'graphql', { query: `{ ${verb} { ${className}${what} } }` })) as
      | { data?: Record<string, Record<string, Record<string, unknown>[] | null> | null> | null; errors?: { message?: string }[] | null }
      | undefined
    const rows = answer?.data?.[verb]?.[className]
    if (answer?.errors?.length || !rows) throw new StoreFault('it refuses the query', { cause: new Error(String(answer?.errors?.[0]?.message).slice(0, 500)) })
    return rows
  }
}
