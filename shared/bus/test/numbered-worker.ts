import { openBus } from '../src/index.ts'
import { serveNumbered } from './numbered.ts'

const { NATS_URL = '', POOL = '', NAME = 'test', CAPACITY } = process.env
const bus = openBus(NATS_URL, NAME)
const { served, observed } = serveNumbered(bus, { to: POOL, ...(CAPACITY !== undefined && { capacity: Number(CAPACITY) }) })

let told = ''
const tell = () => {
  const now = JSON.stringify({ ...observed, inFlight: served.inFlight })
  if (now !== told) process.stdout.write(`${now}\n`)
  told = now
}
setInterval(tell, 50)

bus.onStatus(status => {
  if (status.kind === 'connected') void bus.flush().then(() => process.stdout.write('ready\n'))
  if (status.kind === 'denied') process.stdout.write(`denied ${status.operation} ${status.subject}\n`)
  if (status.kind === 'handler_failed') process.stdout.write(`handler_failed ${String(status.error)}\n`)
})
process.once('SIGTERM', () => {
  void bus.close().then(() => {
    tell()
    process.exit(0)
  })
})
process.once('disconnect', () => process.exit(1))
