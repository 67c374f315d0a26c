import type { Bus, Served } from '@gomodel/bus'
import { announced, attempted, GatewayError, generate, relay } from '@gomodel/contracts'
import type { Running, Tracing } from '@gomodel/service'
import type { Registry } from 'prom-client'
import { AnnouncedModels } from './announced-models.ts'
import { Breaker, type BreakerSettings } from './breaker.ts'
import { type Generator, generateAnswer } from './generate.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import { MissingEndpoints } from './missing-endpoints.ts'
import { ModelList, type ModelsMode, listModels } from './models.ts'
import { type InstanceMetrics, type InstanceReadings, workerMetrics } from './observe.ts'
import { CountedBatches } from './passthrough/counted-batches.ts'
import { relayAnswer } from './passthrough/relay-answer.ts'
import { providerOf } from './providers/index.ts'
import { type ProviderRow, ROWS } from './providers/rows.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RetrySettings } from './retry.ts'
import { Upstream } from './upstream.ts'

/** Everything the operator decides about a worker. */
export interface WorkerSettings {
  readonly instances: readonly Instance[]
  readonly retry: RetrySettings
  readonly breaker: BreakerSettings
  readonly connectTimeoutMs: number
  /** To the first content of a stream, or to the head of a whole answer. */
  readonly firstTokenTimeoutMs: number
  /** Between bytes after that. */
  readonly gapTimeoutMs: number
  readonly modelRefreshIntervalMs: number
  readonly modelsMode: ModelsMode
  /** Calls in flight per instance above which further ones are refused. */
  readonly capacity: number
}

/** What a worker uses of the process it lives in. */
export interface WorkerParts {
  readonly bus: Bus
  readonly log: Log
  readonly metrics: Registry
  readonly tracing: Tracing
}

interface InstanceParts extends WorkerParts {
  readonly observed: (provider: string, readings: InstanceReadings) => InstanceMetrics
}

const ANNOUNCE_EVERY_MS = 500
const BUSY_RETRY_MS = 1000

/** Serves every instance of the settings on the bus and keeps telling what they offer. */
export function start(settings: WorkerSettings, parts: WorkerParts): Running {
  if (settings.instances.length === 0) parts.log.warn({}, 'this worker has no provider instance to serve: OPENAI_API_KEY or OPENAI_BASE_URL make one')
  const observed = workerMetrics(parts.metrics)
  const serving = settings.instances.map(instance => new ServedInstance(instance, settings, { ...parts, observed }))
  for (const one of serving) one.begin()
  const ticker = setInterval(() => {
    for (const one of serving) one.announce()
  }, ANNOUNCE_EVERY_MS)
  return {
    async stop() {
      clearInterval(ticker)
      await Promise.all(serving.map(one => one.stop()))
    },
  }
}

/** One instance on the bus: its connections, its breaker, its models. */
class ServedInstance {
  readonly #instance: Instance
  readonly #bus: Bus
  readonly #upstream: Upstream
  readonly #breaker: Breaker
  readonly #models: ModelList
  readonly #announced: AnnouncedModels
  readonly #row: ProviderRow | undefined
  readonly #served: Served
  readonly #relays: Served
  #leaving = false

  constructor(instance: Instance, settings: WorkerSettings, { bus, log, tracing, observed }: InstanceParts) {
    const { name } = instance
    const provider = providerOf(instance)
    const asked = provider.modelsPath !== undefined
    this.#instance = instance
    this.#row = ROWS.find(({ type }) => type === instance.type)
    this.#bus = bus
    this.#upstream = new Upstream(name, instance.baseUrl, settings.connectTimeoutMs)
    this.#breaker = new Breaker(name, { ...settings.breaker, ...instance.breaker }, {
      now: () => performance.now(),
      changed: () => {
        log.warn({ instance: name, breaker: this.#breaker.state }, 'the circuit breaker changed')
        this.announce()
      },
    })
    this.#models = new ModelList({
      instance: asked ? instance : { ...instance, models: provider.fixedModels ?? [] },
      mode: asked ? settings.modelsMode : 'allowlist',
      refreshIntervalMs: settings.modelRefreshIntervalMs,
      fetch: signal => listModels(provider, this.#upstream, signal),
      changed: () => this.announce(),
      log,
      random: Math.random,
    })
    this.#announced = new AnnouncedModels(leftOut => log.warn({ instance: name, leftOut }, 'the list of models is too long for one message: its last ones are not served'))
    const generator: Generator = {
      instance,
      provider,
      upstream: this.#upstream,
      breaker: this.#breaker,
      retry: { ...settings.retry, ...instance.retry },
      retryBudget: new RetryBudget(),
      // Servers that nobody runs centrally differ in what they have.
      missing: new MissingEndpoints({ mayLack: !this.#row?.keyed || instance.baseUrl !== this.#row.baseUrl, now: () => performance.now() }),
      attempted: attempt => bus.emit(attempted, attempt),
      firstTokenTimeoutMs: instance.firstTokenTimeoutMs ?? settings.firstTokenTimeoutMs,
      gapTimeoutMs: instance.gapTimeoutMs ?? settings.gapTimeoutMs,
      log,
      tracing,
      metrics: observed(name, {
        breaker: () => this.#breaker.state,
        inFlight: () => this.#inFlight,
        queued: () => this.#upstream.queued,
        models: () => this.#models.models.length,
      }),
    }
    const serve = { to: name, capacity: settings.capacity }
    const withinCapacity = async <T>(answer: () => Promise<T>): Promise<T> => {
      if (this.#inFlight > settings.capacity) throw new GatewayError('overloaded', 'the worker is at capacity', { provider: name, retryAfterMs: BUSY_RETRY_MS })
      return answer()
    }
    const relayer = { ...generator, models: () => this.#models.models, counted: new CountedBatches() }
    this.#served = bus.serveExchange(generate, serve, call => withinCapacity(() => generateAnswer(generator, call)))
    this.#relays = bus.serveExchange(relay, serve, call => withinCapacity(() => relayAnswer(relayer, call)))
  }

  get #inFlight(): number {
    return this.#served.inFlight + this.#relays.inFlight
  }

  begin(): void {
    this.#models.start()
    this.announce()
  }

  announce(): void {
    const { retryAfterMs } = this.#breaker
    this.#bus.emit(announced, {
      instance: this.#instance.name,
      worker: this.#served.worker,
      type: this.#instance.type,
      resources: [...(this.#row?.resources ?? [])],
      passthrough: this.#row?.passthrough ?? false,
      rank: this.#instance.rank,
      models: [...this.#announced.of(this.#models.models, this.#bus.maxPayload)],
      breaker: this.#breaker.state,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      leaving: this.#leaving,
    })
  }

  async stop(): Promise<void> {
    this.#leaving = true
    this.announce()
    await Promise.all([this.#models.stop(), this.#served.drain(), this.#relays.drain()])
    await this.#upstream.close()
  }
}
