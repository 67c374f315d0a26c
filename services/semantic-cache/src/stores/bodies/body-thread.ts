import { workerData } from 'node:worker_threads'
import { serveCalls, tell } from '../embedded/thread-calls.ts'
import type { ThreadData } from '../embedded/worker-thread.ts'
import { StoreFault } from '../store-failure.ts'
import { BodyDatabase } from './body-database.ts'

const { file, limitBytes, sweepMs } = workerData as ThreadData

let bodies: BodyDatabase | undefined
let sweeping: NodeJS.Timeout | undefined

const opened = (): BodyDatabase => {
  if (!bodies) throw new StoreFault('it is not open')
  return bodies
}

serveCalls({
  open() {
    bodies = new BodyDatabase({ file, limitBytes, onDamage: damaged => tell({ damaged }) })
    sweeping = setInterval(sweepQuietly, sweepMs)
  },
  put: (id: string, body: Uint8Array, expiresAt: number) => opened().put(id, body, expiresAt),
  get: (id: string) => opened().get(id),
  remove: (ids: readonly string[]) => opened().remove(ids),
  size: () => opened().size(),
  close() {
    clearInterval(sweeping)
    bodies?.close()
  },
})

/** What fails now is tried again the next time; a fault that lasts is seen by every call. */
function sweepQuietly(): void {
  try {
    bodies?.sweep()
  } catch {}
}
