import { existsSync } from 'node:fs'
import { Bus, InProcessBroker, openBus, type TransportStatus } from '@gomodel/bus'
import { Registry } from 'prom-client'
import { LOG_LEVELS, openLog, type Logger } from './log.ts'
import type { Running, Service } from './service.ts'
import { ConfigurationError, duration, oneOf, readSettings, urls, type Environment } from './settings.ts'

/** What every process reads, whatever it runs. */
export const processSettings = {
  logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, { description: 'The least severe events that are logged.', fallback: 'info' }),
  natsUrl: urls('NATS_URL', ['nats', 'tls'], { description: 'The NATS servers, separated by commas; credentials as nats://user:password@host. Unused by `npm start`.', fallback: 'nats://127.0.0.1:4222' }),
  shutdownTimeoutMs: duration('SHUTDOWN_TIMEOUT', { description: 'How long running requests may take to finish after SIGTERM before the process ends all the same.', fallback: '30s' }),
}

/** Runs one service in this process, on the NATS bus. */
export const run = <S extends Service>(service: S): Promise<void> => runAll([service as unknown as Service], (name, natsUrl) => openBus(natsUrl, name))

/** Runs several services in this process, on a bus of its own. They stop in the order given. */
export function runTogether(services: readonly Service[]): Promise<void> {
  const broker = new InProcessBroker()
  return runAll(services, name => new Bus(broker.connect(), name))
}

async function runAll(services: readonly Service[], open: (name: string, natsUrl: string) => Bus): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  try {
    await startAll(services, process.env, open)
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown
    process.stderr.write(`${thrown.message}\n`)
    process.exit(1)
  }
}

async function startAll(services: readonly Service[], environment: Environment, open: (name: string, natsUrl: string) => Bus): Promise<void> {
  const { logLevel, natsUrl, shutdownTimeoutMs } = readSettings(processSettings, environment)
  const prepared = services.map(service => ({ service, settings: readSettings(service.settings, environment) }))
  const metrics = new Registry()
  let stopping = false
  const started: { running: Running; bus: Bus; log: Logger }[] = []
  for (const { service, settings } of prepared) {
    const log = openLog(service.name, logLevel)
    const bus = open(service.name, natsUrl)
    bus.onStatus(status => {
      if (!stopping) logBus(log, status)
    })
    started.push({ running: await service.start({ settings, environment, bus, log, metrics }), bus, log })
  }
  const log = openLog(services[0]!.name, logLevel)
  const stop = async (why: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log.info({ why }, 'stopping')
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref()
    for (const { running, bus } of started) {
      await running.stop()
      await bus.close()
    }
    log.info('stopped')
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop('SIGTERM'))
  // Ctrl-C reaches a launcher's children too; the launcher then stops them in their order, and its end is theirs.
  if (process.connected) process.on('SIGINT', () => {}).once('disconnect', () => void stop('the launcher is gone'))
  else process.once('SIGINT', () => void stop('SIGINT'))
}

function logBus(log: Logger, status: TransportStatus): void {
  if (status.kind === 'connected') log.info('on the bus')
  else if (status.kind === 'disconnected') log.warn('the bus is away')
  else if (status.kind === 'unreachable') log.debug({ reason: status.reason }, 'the bus does not answer')
  else if (status.kind === 'denied') log.error({ operation: status.operation, subject: status.subject }, 'the bus denies a permission')
  else if (status.kind === 'handler_failed') log.error({ subject: status.subject, err: status.error }, 'a message could not be handled')
}
