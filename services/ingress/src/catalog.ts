import type { ListeningClock } from '@gomodel/bus'
import { GatewayError, type announced, type EventOf } from '@gomodel/contracts'
import leven from 'leven'
import { InstanceOffers } from './relay/instance-offers.ts'

type Announcement = EventOf<typeof announced>
type Model = Announcement['models'][number]

/** Where a request goes. */
export interface Target {
  readonly instance: string
  /** The model as the provider names it. */
  readonly model: string
}

interface KnownWorker {
  readonly said: Announcement
  readonly heardAt: number
}

const SILENCE_MS = 1600
const REMEMBERED_MS = 10 * 60 * 1000
const GONE_RETRY_MS = 2000
const OPEN_RETRY_MS = 1000
const NEAR_NAMES = 3

/** Which instances there are and what they serve, from what their workers announce. */
export class Catalog {
  /** What can be reached of instances besides their models. */
  readonly offers: InstanceOffers
  readonly #clock: ListeningClock
  readonly #workers = new Map<string, KnownWorker>()
  /** Models of instances that fell silent, by qualified name, with the time of the last sign of life. */
  readonly #gone = new Map<string, { target: Target; at: number }>()
  #index: { byName: Map<string, Target>; models: Map<string, Model & { instance: string }> } | undefined

  constructor(clock: ListeningClock) {
    this.#clock = clock
    this.offers = new InstanceOffers(clock)
  }

  heard(said: Announcement): void {
    this.#index = undefined
    this.offers.heard(said)
    if (said.leaving) this.#forget(said.worker)
    else this.#workers.set(said.worker, { said, heardAt: this.#clock.now })
  }

  /** Forgets workers that fell silent, and after ten minutes what they served. */
  expire(): void {
    const now = this.#clock.now
    for (const [worker, { heardAt }] of this.#workers) if (now - heardAt > SILENCE_MS) this.#forget(worker)
    for (const [name, { at }] of this.#gone) if (now - at > REMEMBERED_MS) this.#gone.delete(name)
  }

  /** The instances with a live worker. */
  get instances(): string[] {
    return [...new Set(this.#workers.values().map(({ said }) => said.instance))]
  }

  /** Every model of every live instance, by its qualified name `instance/model`. */
  get models(): ReadonlyMap<string, Model & { instance: string }> {
    return this.#indexed.models
  }

  /** The target that a model name means: `instance/model`, or a bare name for the first configured instance that lists it. */
  resolve(name: string): Target {
    const target = this.find(name)
    if (target) return target
    throw new GatewayError('model_not_found', `the model ${JSON.stringify(name.slice(0, 200))} does not exist here${this.#hint(name)}`, { param: 'model' })
  }

  /** The same; undefined when it means nothing. */
  find(name: string): Target | undefined {
    return this.#indexed.byName.get(name) ?? this.#remembered(name)
  }

  /** The other instances that list the same model, best first. */
  elsewhere({ instance, model }: Target): Target[] {
    return [...this.models.values()].filter(known => known.id === model && known.instance !== instance).map(known => ({ instance: known.instance, model }))
  }

  /** Refuses a target that no worker serves now, and one whose every worker has its circuit open. */
  requireServed({ instance, model }: Target): void {
    if (!this.#indexed.models.has(`${instance}/${model}`)) {
      throw new GatewayError('unavailable', `no worker serves ${instance} now`, { provider: instance, param: 'model', retryAfterMs: GONE_RETRY_MS })
    }
    let retryAfterMs = Infinity
    for (const { said } of this.#workers.values()) {
      if (said.instance !== instance) continue
      if (said.breaker !== 'open') return
      retryAfterMs = Math.min(retryAfterMs, said.retryAfterMs ?? OPEN_RETRY_MS)
    }
    throw new GatewayError('circuit_open', `${instance} failed repeatedly and is not called for the moment`, { provider: instance, retryAfterMs })
  }

  get #indexed(): { byName: Map<string, Target>; models: Map<string, Model & { instance: string }> } {
    if (this.#index) return this.#index
    const byName = new Map<string, Target>()
    const models = new Map<string, Model & { instance: string }>()
    const ranked = this.#workers.values().map(({ said }) => said).toArray().toSorted((a, b) => a.rank - b.rank || a.instance.localeCompare(b.instance))
    for (const { instance, models: listed } of ranked) for (const model of listed) models.set(`${instance}/${model.id}`, { ...model, instance })
    for (const [name, { instance, id }] of models) byName.set(name, { instance, model: id })
    for (const { instance, id } of models.values()) if (!byName.has(id)) byName.set(id, { instance, model: id })
    this.#index = { byName, models }
    return this.#index
  }

  #forget(worker: string): void {
    const known = this.#workers.get(worker)
    if (!known) return
    this.#workers.delete(worker)
    this.#index = undefined
    const { instance, models } = known.said
    for (const { id } of models) this.#gone.set(`${instance}/${id}`, { target: { instance, model: id }, at: this.#clock.now })
  }

  /** What an instance that fell silent served: its answers may still be in a cache. */
  #remembered(name: string): Target | undefined {
    return (this.#gone.get(name) ?? this.#gone.values().find(known => known.target.model === name))?.target
  }

  #hint(name: string): string {
    const wanted = name.slice(0, 200).toLowerCase()
    const near = [...this.#indexed.byName.keys()]
      .map(known => ({ known, distance: leven(known.toLowerCase(), wanted) }))
      .filter(({ known, distance }) => distance <= Math.max(2, known.length / 3))
      .toSorted((a, b) => a.distance - b.distance)
      .slice(0, NEAR_NAMES)
    return near.length === 0 ? '' : `; near names: ${near.map(({ known }) => known).join(', ')}`
  }
}
