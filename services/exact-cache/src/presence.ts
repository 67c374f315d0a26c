import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus, Subscribed } from '@gomodel/bus'
import { exactLookup, exactPresent, GatewayError, type EventOf } from '@gomodel/contracts'

type Present = EventOf<typeof exactPresent>

/** What presence needs of the service. */
export interface PresenceParts {
  readonly bus: Bus
  /** Told why this instance has to end. */
  readonly refuse: (why: string) => void
}

const OBJECTION_MS = 400
const NOBODYS_KEY = '-'.repeat(43)

/** Sees to it that an exact cache with its answers in memory is the only one on the bus: of two, the one who is told so ends. */
export class Presence {
  readonly #bus: Bus
  readonly #refuse: (why: string) => void
  readonly #hearing: Subscribed
  readonly #onBus = Promise.withResolvers<void>()
  #self: Present
  #over = false

  constructor(store: Present['store'], { bus, refuse }: PresenceParts) {
    this.#bus = bus
    this.#refuse = refuse
    this.#self = { id: randomUUID(), store, serving: false, since: Date.now() }
    this.#hearing = bus.on(exactPresent, other => this.#hear(other))
    bus.onStatus(({ kind }) => {
      if (kind === 'connected') this.#arrive()
    })
    if (bus.connected) this.#arrive()
  }

  /** Resolves when this instance is on the bus and may serve, with false when it never may: at once while nobody else serves, else after whoever does had the time to object. */
  async mayServe(): Promise<boolean> {
    await this.#onBus.promise
    if (await this.#someoneServes()) await sleep(OBJECTION_MS)
    if (this.#over) return false
    this.#self = { ...this.#self, serving: true }
    return true
  }

  async stop(): Promise<void> {
    this.#over = true
    await this.#hearing.stop()
  }

  #arrive(): void {
    this.#onBus.resolve()
    this.#tell()
  }

  #tell(): void {
    if (!this.#over) this.#bus.emit(exactPresent, this.#self)
  }

  /** The bus says at once that nobody does. */
  async #someoneServes(): Promise<boolean> {
    try {
      await this.#bus.ask(exactLookup, { key: NOBODYS_KEY })
      return true
    } catch (thrown) {
      return GatewayError.from(thrown).code !== 'unavailable'
    }
  }

  #hear(other: Present): void {
    if (this.#over || other.id === this.#self.id || (other.store === 'redis' && this.#self.store === 'redis')) return
    if (stays(this.#self, other)) return this.#tell()
    this.#over = true
    this.#refuse(this.#self.store === 'memory' ? ALONE_IN_MEMORY : BESIDE_MEMORY)
  }
}

const ALONE_IN_MEMORY = 'another exact-cache is on the bus, and one that keeps its answers in memory has to be the only one: set REDIS_URL for each of them to run several, or stop the other'
const BESIDE_MEMORY = 'an exact-cache that keeps its answers in memory is on the bus, and it has to be the only one: set REDIS_URL for it too, or stop it'

/** Whether one stays beside the other: clocks of two machines differ, so that who serves already comes before who is older. */
function stays(one: Present, other: Present): boolean {
  if (one.serving !== other.serving) return one.serving
  if (one.since !== other.since) return one.since < other.since
  return one.id < other.id
}
