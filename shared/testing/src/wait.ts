import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long to wait, and for what: the words of the error when it does not come. */
export interface Waiting {
  what: string
  timeoutMs?: number
  everyMs?: number
}

type Held<T> = Exclude<T, false | 0 | '' | null | undefined>

/** Resolves with the first truthy value of a check; a check that throws counts as not yet. */
export async function until<T>(check: () => T | Promise<T>, { what, timeoutMs = 5000, everyMs = 10 }: Waiting): Promise<Held<T>> {
  const deadline = performance.now() + timeoutMs
  let last = ''
  for (;;) {
    try {
      const value = await check()
      if (value) return value as Held<T>
      last = `the last check gave ${String(value)}`
    } catch (thrown) {
      last = `the last check threw ${String(thrown)}`
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}: ${last}`)
    await sleep(everyMs)
  }
}

/** A loopback TCP port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('no port was given'))
      })
    })
  })
}
