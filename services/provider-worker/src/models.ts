import { setTimeout as sleep } from 'node:timers/promises'
import { withoutMark } from './byte-order-mark.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import { type Model, type Provider, ProviderError } from './provider.ts'
import { retryAfterMs } from './retry-after.ts'
import type { Upstream } from './upstream.ts'

/** `fallback`: the configured models stand in while the provider names none. `allowlist`: only they count, and the provider is not asked. */
export type ModelsMode = 'fallback' | 'allowlist'

/** What keeps the list of one instance's models. */
export interface ModelKeeper {
  readonly instance: Pick<Instance, 'name' | 'type' | 'models'>
  readonly mode: ModelsMode
  readonly refreshIntervalMs: number
  /** Asks the provider. */
  readonly fetch: (signal: AbortSignal) => Promise<Model[]>
  /** Told when the list is another one. */
  readonly changed: () => void
  readonly log: Log
  readonly random: () => number
}

const MAX_LIST_BYTES = 16 * 1024 * 1024
const LIST_TIMEOUT_MS = 30_000
// Most providers have listed their models by then.
const UNHEARD_MS = 1500
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000

/** The models of one instance: asked for at the start and now and then, kept when asking fails. */
export class ModelList {
  readonly #keeper: ModelKeeper
  readonly #stopping = new AbortController()
  #models: readonly Model[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(keeper: ModelKeeper) {
    this.#keeper = keeper
  }

  get models(): readonly Model[] {
    return this.#models
  }

  /** Begins to ask; `changed` tells of the first list as of every other. */
  start(): void {
    if (this.#keeper.mode === 'allowlist') this.#takeConfigured()
    else this.#running = this.#keepAsking(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #keepAsking(signal: AbortSignal): Promise<void> {
    let failures = 0
    let known = false
    // Until the provider is heard of: a listing that hangs would leave the instance without a model for as long as it is waited for.
    const unheard = setTimeout(() => this.#take(this.#configured()), UNHEARD_MS)
    while (!signal.aborted) {
      const models = await this.#asked(signal)
      clearTimeout(unheard)
      if (models) this.#take(models)
      else if (!known) this.#take(this.#configured())
      known ||= models !== undefined
      failures = models ? 0 : failures + 1
      const { refreshIntervalMs, random } = this.#keeper
      // Jitter, so that a fleet started together does not ask together for ever.
      const interval = refreshIntervalMs * (0.9 + 0.2 * random())
      const waitMs = failures === 0 ? interval : Math.min(interval, LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
      await sleep(waitMs, undefined, { signal }).catch(ignore)
    }
  }

  async #asked(signal: AbortSignal): Promise<Model[] | undefined> {
    const { instance, fetch, log } = this.#keeper
    try {
      const models = await fetch(signal)
      if (models.length > 0) return models
      log.warn({ instance: instance.name }, 'the provider lists no models')
    } catch (thrown) {
      if (signal.aborted) return undefined
      const alert = thrown instanceof ProviderError && thrown.failure === 'key'
      if (alert) log.error({ instance: instance.name, alert: 'provider_key_refused', err: thrown }, 'the provider refuses the key of this instance')
      else log.warn({ instance: instance.name, err: thrown }, 'the models could not be listed')
    }
    return undefined
  }

  #takeConfigured(): void {
    const { instance, log } = this.#keeper
    if (instance.models.length === 0) log.warn({ instance: instance.name }, 'an instance that is not asked for its models has none configured: …_MODELS names them')
    this.#take(this.#configured())
  }

  #configured(): Model[] {
    const { models, type } = this.#keeper.instance
    return models.map(id => ({ id, created: 0, ownedBy: type }))
  }

  #take(models: readonly Model[]): void {
    if (this.#stopping.signal.aborted || sameModels(this.#models, models)) return
    this.#models = models
    this.#keeper.changed()
  }
}

/** Asks a provider for its models over HTTP. */
export async function listModels(provider: Provider, upstream: Upstream, signal: AbortSignal): Promise<Model[]> {
  const patience = { firstMs: LIST_TIMEOUT_MS, gapMs: LIST_TIMEOUT_MS, until: 'head' } as const
  if (provider.modelsPath === undefined) return []
  const answer = await upstream.send({ method: 'GET', path: provider.modelsPath, headers: provider.headers }, signal, patience)
  const { bytes } = await answer.collect(MAX_LIST_BYTES)
  if (answer.status < 300) return provider.models(withoutMark(bytes))
  throw provider.error({ status: answer.status, body: bytes, retryAfterMs: retryAfterMs(answer.headers, Date.now()) })
}

function sameModels(some: readonly Model[], others: readonly Model[]): boolean {
  return some.length === others.length && some.every(({ id, created, ownedBy }, index) => {
    const other = others[index]
    return id === other?.id && created === other.created && ownedBy === other.ownedBy
  })
}

const ignore = (): void => undefined
