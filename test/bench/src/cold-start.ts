import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@gomodel/testing'
import { spawnStandalone } from './gomodel.ts'
import type { Surroundings } from './systems.ts'

const STARTS = 5
const LOOK_EVERY_MS = 5
const TIMEOUT_MS = 20_000

/** Starts the gateway in one process a few times and gives the milliseconds from each spawn to the first 200 of GET /ready. */
export async function coldStarts(surroundings: Surroundings, signal: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (times.length < STARTS) {
    signal.throwIfAborted()
    const port = await freePort()
    const begun = performance.now()
    await using gateway = spawnStandalone(port, surroundings)
    while ((await statusOf(port)) !== 200) {
      if (!gateway.running || performance.now() - begun > TIMEOUT_MS) throw new Error(`the gateway did not get ready:\n${gateway.output}`)
      await sleep(LOOK_EVERY_MS)
    }
    times.push(performance.now() - begun)
  }
  return times
}

function statusOf(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const request = get({ port, host: '127.0.0.1', path: '/ready', agent: false }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.on('error', () => resolve(undefined))
  })
}
