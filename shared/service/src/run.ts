import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Bus, InProcessBroker, openBus, type TransportStatus } from '@gomodel/bus'
import { Registry } from 'prom-client'
import { askedToStop } from './asked-to-stop.ts'
import { busMetrics } from './bus-metrics.ts'
import type { ConfigFile } from './config-file.ts'
import { ConfigWatch } from './config-watch.ts'
import { ConfigurationError } from './configuration-error.ts'
import { readConfiguration } from './configuration.ts'
import type { Environment } from './environment.ts'
import { collectOnce } from './first-collection.ts'
import { openLog, type Logger } from './log.ts'
import { startMetricsServer } from './metrics-server.ts'
import { openTracing } from './open-tracing.ts'
import { processMetrics } from './process-metrics.ts'
import { processSettings } from './process-settings.ts'
import type { Running, Service } from './service.ts'
import { readSettings } from './settings.ts'
import type { Tracing } from './tracing.ts'
import { withoutEffect } from './without-effect.ts'

/** Runs one service in this process, on the NATS bus. */
export const run = <S extends Service>(service: S): Promise<void> => runAll([service as unknown as Service], (name, natsUrl) => openBus(natsUrl, name))

/** Runs several services in this process, on a bus of its own. They stop in the order given, and start in the other one: a door is the last to open. */
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
    fail(thrown.message)
  }
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

async function startAll(services: readonly Service[], environment: Environment, open: (name: string, natsUrl: string) => Bus): Promise<void> {
  const read = () => readConfiguration(environment, [processSettings, ...services.map(service => service.settings)])
  const configuration = read()
  const { file } = configuration
  const own = readSettings(processSettings, environment, file)
  const prepared = services.map(service => ({ service, settings: readSettings(service.settings, environment, file) }))
  const log = openLog(services[0]!.name, own.logLevel)
  logConfiguration(log, environment, file)
  const watch = new ConfigWatch({ environment, started: configuration, read, log })
  const metrics = new Registry()
  const buses = new Map<string, Bus>()
  const tracings: Tracing[] = []
  const collector = { failing: false }
  const started: { running: Running; bus: Bus }[] = []
  const instanceId = randomUUID()
  let stopping = false
  const asked = askedToStop(environment)
  void asked.then(() => setTimeout(() => process.exit(1), own.shutdownTimeoutMs).unref())
  processMetrics(metrics)
  busMetrics(metrics, buses)
  for (const { service, settings } of prepared.toReversed()) {
    const serviceLog = openLog(service.name, own.logLevel)
    const bus = open(service.name, own.natsUrl)
    bus.onStatus(status => {
      if (!stopping) logBus(serviceLog, status)
    })
    buses.set(service.name, bus)
    const tracing = await openTracing({ endpoint: own.otlpEndpoint, headers: own.otlpHeaders, sampleRatio: own.traceRatio, service: service.name, instanceId, log: serviceLog, collector })
    tracings.push(tracing)
    started.push({ running: await service.start({ settings, environment, config: watch.config, onConfig: listener => watch.listen(listener), bus, log: serviceLog, metrics, tracing, fail }), bus })
  }
  const hidden = services.length === 1 && services[0]!.servesHttp !== true
  const server = hidden ? await startMetricsServer({ host: own.host, port: own.metricsPort, registry: own.metricsEnabled ? metrics : undefined, connected: () => started[0]!.bus.connected }) : undefined
  if (server) log.info({ address: server.address }, 'serving health and metrics')
  collectOnce()
  const why = await asked
  stopping = true
  watch.stop()
  log.info({ why }, 'stopping')
  for (const { running, bus } of started.toReversed()) {
    await running.stop()
    await bus.close()
  }
  await Promise.all([server?.close(), ...tracings.map(tracing => tracing.close())])
  log.info('stopped')
  process.exit(0)
}

function logConfiguration(log: Logger, environment: Environment, file: ConfigFile): void {
  if (file.path !== undefined) log.info({ file: file.path }, 'configured by a file')
  const idle = withoutEffect(environment, file.content)
  if (idle.length > 0) log.warn({ settings: idle }, 'some of what is set has no effect here')
}

function logBus(log: Logger, status: TransportStatus): void {
  if (status.kind === 'connected') log.info('on the bus')
  else if (status.kind === 'disconnected') log.warn('the bus is away')
  else if (status.kind === 'unreachable') log.debug({ reason: status.reason }, 'the bus does not answer')
  else if (status.kind === 'denied') log.error({ operation: status.operation, subject: status.subject }, 'the bus denies a permission')
  else if (status.kind === 'handler_failed') log.error({ subject: status.subject, err: status.error }, 'a message could not be handled')
  else if (status.kind === 'dropped') log.error({ subject: status.subject, err: status.error }, 'an event could not be sent and is lost')
}
