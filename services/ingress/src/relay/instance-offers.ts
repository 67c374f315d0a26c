import type { ListeningClock } from '@gomodel/bus'
import { type EventOf, GatewayError, type Resource, type announced } from '@gomodel/contracts'

/** One provider instance, and what of it can be reached besides its models. */
export interface Offer {
  readonly instance: string
  readonly type: string
  readonly rank: number
  readonly resources: readonly Resource[]
  /** Reached under `/p/` unless the operator chooses otherwise. */
  readonly passthrough: boolean
}

const REMEMBERED_MS = 10 * 60 * 1000

/** What each instance offers, from what its workers announce. One that fell silent is remembered for ten minutes: it is not there now, but it exists. */
export class InstanceOffers {
  readonly #clock: ListeningClock
  readonly #offers = new Map<string, { offer: Offer; at: number }>()

  constructor(clock: ListeningClock) {
    this.#clock = clock
  }

  heard({ instance, type = instance, rank, resources = [], passthrough = false }: EventOf<typeof announced>): void {
    this.#offers.set(instance, { offer: { instance, type, rank, resources, passthrough }, at: this.#clock.now })
  }

  /** All of them, in the order of the configuration. */
  get all(): Offer[] {
    for (const [name, { at }] of this.#offers) if (this.#clock.now - at > REMEMBERED_MS) this.#offers.delete(name)
    return [...this.#offers.values()].map(({ offer }) => offer).toSorted((a, b) => a.rank - b.rank || a.instance.localeCompare(b.instance))
  }

  /** The instances that have a resource; throws when there are none. */
  having(resource: Resource): string[] {
    const names = this.all.filter(({ resources }) => resources.includes(resource)).map(({ instance }) => instance)
    if (names.length === 0) throw new GatewayError('unsupported', `no provider here has ${resource}`)
    return names
  }

  /** The instance that a client means: by its name, or by its type where only one of that type has the resource. */
  chosen(resource: Resource, named: string): string {
    const having = this.having(resource)
    if (having.includes(named)) return named
    const alike = this.all.filter(({ type }) => type === named).map(({ instance }) => instance)
    const [only, ...others] = alike.filter(instance => having.includes(instance))
    if (only !== undefined && others.length === 0) return only
    const shown = JSON.stringify(named.slice(0, 100))
    if (only !== undefined) throw new GatewayError('invalid_request', `${shown} may be ${[only, ...others].join(' or ')}: name the instance`, { param: 'provider' })
    if (alike.length > 0 || this.all.some(({ instance }) => instance === named)) throw new GatewayError('unsupported', `${named} has no ${resource}; ${having.join(', ')} ${having.length === 1 ? 'has' : 'have'}`, { param: 'provider' })
    throw new GatewayError('invalid_request', `there is no provider ${shown}; ${resource} are at ${having.join(', ')}`, { param: 'provider' })
  }
}
