import { workerData } from 'node:worker_threads'
import type { Question, Removal, VectorEntry, Wrong } from '../vector-store.ts'
import { EntryDatabase } from './entry-database.ts'
import { serveCalls, tell } from './thread-calls.ts'
import type { ThreadData } from './worker-thread.ts'

const { file, limitBytes, sweepMs } = workerData as ThreadData
const entries = new EntryDatabase({ file, limitBytes, onDamage: damaged => tell({ damaged }) })

let sweeping: NodeJS.Timeout | undefined

serveCalls({
  open(dimensions: number): number {
    const found = entries.open(dimensions)
    clearInterval(sweeping)
    if (found === dimensions) sweeping = setInterval(sweepQuietly, sweepMs)
    return found
  },
  put: (entry: VectorEntry) => entries.put(entry),
  nearest: (question: Question) => entries.nearest(question),
  body: (id: string) => entries.body(id),
  remove: (which: Removal, dryRun: boolean) => entries.remove(which, dryRun),
  limit: (wrong: Wrong, dryRun: boolean) => entries.limit(wrong, dryRun),
  size: () => entries.size(),
  close() {
    clearInterval(sweeping)
    entries.close()
  },
})

/** What fails now is tried again the next time; a fault that lasts is seen by every call. */
function sweepQuietly(): void {
  try {
    entries.sweep()
  } catch {}
}
