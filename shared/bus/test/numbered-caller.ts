import { until } from '@gomodel/testing'
import { openBus } from '../src/index.ts'
import { content, numbered, verdictOn } from './numbered.ts'

const { NATS_URL = '', POOL = '', STREAMS = '1' } = process.env
const asked = { count: 100_000, bytesEach: 20, everyMs: 5 }
const bus = openBus(NATS_URL, 'test')
await until(() => bus.workers(numbered, POOL) > 0, { what: 'a worker', timeoutMs: 20_000 })
for (let i = 0; i < Number(STREAMS); i++) void verdictOn(bus.exchange(numbered, asked, { to: POOL, body: Buffer.alloc(0) }), content(asked.count, asked.bytesEach))
process.stdout.write('ready\n')
process.once('disconnect', () => process.exit(1))
