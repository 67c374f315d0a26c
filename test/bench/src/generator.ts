import { setTimeout as sleep } from 'node:timers/promises'
import { onParent, tellParent } from './child.ts'
import { Connection } from './connection.ts'
import type { Job, Outcome } from './job.ts'
import { Tally } from './tally.ts'
import { requestBody, WHOLE_ANSWER, WHOLE_STREAM } from './traffic.ts'

/** The key that the bench's clients and the bench's gateways share. */
const KEY = process.env.BENCH_KEY ?? ''

/** Every connection always has one request under way. */
async function run(job: Job): Promise<Outcome> {
  const tally = new Tally(job)
  const expected = job.stream ? WHOLE_STREAM : WHOLE_ANSWER
  const exchange = { port: job.port, request: requestOf(job), expected, stream: job.stream }
  const connections = Array.from({ length: job.connections }, () => new Connection(exchange, tally))
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

function requestOf({ port, model, stream }: Job): Buffer {
  const body = requestBody(model, stream)
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${KEY}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

onParent(message => {
  void run(message as Job).then(tellParent, (thrown: unknown) => {
    console.error(thrown)
    process.exit(1)
  })
})
