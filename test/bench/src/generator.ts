import { setTimeout as sleep } from 'node:timers/promises'
import { onParent, tellParent } from './child.ts'
import { Connection } from './connection.ts'
import { expectedBody } from './expected-body.ts'
import type { Job, Outcome } from './job.ts'
import { requestsOf } from './requests.ts'
import { Tally } from './tally.ts'

/** The key that the bench's clients and the bench's gateways share. */
const KEY = process.env.BENCH_KEY ?? ''

/** Every connection always has one request under way. */
async function run(job: Job): Promise<Outcome> {
  const tally = new Tally(job)
  const expected = { port: job.port, xCache: job.xCache, body: expectedBody(job) }
  const requests = requestsOf(job, KEY)
  const connections = Array.from({ length: job.connections }, (_, index) => new Connection(expected, requests(index), tally))
  const begun = performance.now()
  for (const [index, connection] of connections.entries()) {
    const waitMs = begun + (job.rampMs * index) / job.connections - performance.now()
    if (waitMs > 1) await sleep(waitMs)
    connection.start()
  }
  await sleep(job.warmUpMs)
  tally.open()
  await sleep(job.measureMs)
  tally.close()
  await Promise.all(connections.map(connection => connection.stop()))
  return tally.outcome()
}

onParent(message => {
  void run(message as Job).then(tellParent, (thrown: unknown) => {
    console.error(thrown)
    process.exit(1)
  })
})
