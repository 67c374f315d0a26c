import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../log.ts'
import { answerRequest } from './answer-request.ts'

/** A provider that is none: it speaks the OpenAI dialect on loopback, and says of everything that it is simulated. */
export interface Simulator {
  /** With /v1. */
  readonly url: string
  /** How many tokens it has spoken so far. */
  readonly tokensSpoken: number
  /** Cuts off whatever is still being said. */
  stop(): Promise<void>
}

// As a provider does: a worker's next request must not meet a connection that is being closed.
const KEEP_ALIVE_MS = 120_000

/** Starts a simulator on a free port; the pace holds for models whose name says none, and 0 is as fast as possible. */
export async function startSimulator({ tokensPerSecond, log }: { readonly tokensPerSecond: number; readonly log: Log }): Promise<Simulator> {
  let tokensSpoken = 0
  const spoke = (count: number): void => {
    tokensSpoken += count
  }
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => void answerRequest(request, response, { tokensPerSecond, spoke, log }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    get tokensSpoken() {
      return tokensSpoken
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
