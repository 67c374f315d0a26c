import { Agent, request } from 'node:http'
import { authorized } from '../gateway.ts'

/** What one request is. */
export interface Sent {
  readonly path: string
  /** A POST with it, or else a GET. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What came of it. */
export interface Timed {
  readonly status: number
  /** `X-Cache`. */
  readonly verdict: string | undefined
  /** From the request's first byte to the answer's last one. */
  readonly milliseconds: number
}

/** One connection to a gateway, on which one request follows the other. */
export interface OneConnection {
  send(sent: Sent): Promise<Timed>
  close(): void
}

export function oneConnection(url: string): OneConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = ({ path, body, headers }: Sent): Promise<Timed> => {
    const { promise, resolve, reject } = Promise.withResolvers<Timed>()
    const startedAt = performance.now()
    const asking = request(`${url}${path}`, { agent, method: body === undefined ? 'GET' : 'POST', headers: { ...authorized, ...headers } }, answer => {
      answer.resume()
      answer.once('error', reject)
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, verdict: String(answer.headers['x-cache'] ?? ''), milliseconds: performance.now() - startedAt }))
    })
    asking.once('error', reject)
    asking.end(body)
    return promise
  }
  return { send, close: () => agent.destroy() }
}

/** The middle of some times. */
export const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!
