import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bus, Subscribed } from '@gomodel/bus'
import type { Event, Present } from '@gomodel/contracts'

/** What presence needs of the service. */
export interface PresenceParts {
  readonly bus: Bus
  readonly contract: Event<typeof Present>
  /** Asks whether somebody answers already; it may err by saying yes. */
  readonly someoneServes: () => Promise<boolean>
  /** Told why this instance has to end. */
  readonly refuse: (why: string) => void
  /** Why, for one that keeps to itself what it has, and for one in Redis beside such a one. */
  readonly reasons: { readonly alone: string; readonly beside: string }
}

const OBJECTION_MS = 400
/** What several can use at the same time. */
const SHARED = 'redis'

/** Sees to it that a service that keeps to itself what it has is the only one on the bus: of two, the one who is told so ends. */
export class Presence {
  readonly #parts: PresenceParts
  readonly #hearing: Subscribed
  readonly #onBus = Promise.withResolvers<void>()
  #self: Present
  #over = false

  constructor(store: Present['store'], parts: PresenceParts) {
    const { bus, contract } = parts
    this.#parts = parts
    this.#self = { id: randomUUID(), store, serving: false, since: Date.now() }
    this.#hearing = bus.on(contract, other => this.#hear(other))
    bus.onStatus(({ kind }) => {
      if (kind === 'connected') this.#arrive()
    })
    if (bus.connected) this.#arrive()
  }

  /** Resolves when this instance is on the bus and may serve, with false when it never may: at once while nobody else serves, else after whoever does had the time to object. */
  async mayServe(): Promise<boolean> {
    await this.#onBus.promise
    if (await this.#parts.someoneServes()) await sleep(OBJECTION_MS)
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
    if (!this.#over) this.#parts.bus.emit(this.#parts.contract, this.#self)
  }

  #hear(other: Present): void {
    if (this.#over || other.id === this.#self.id || (other.store === SHARED && this.#self.store === SHARED)) return
    if (stays(this.#self, other)) return this.#tell()
    this.#over = true
    const { refuse, reasons } = this.#parts
    refuse(this.#self.store === SHARED ? reasons.beside : reasons.alone)
  }
}

/** Whether one stays beside the other: clocks of two machines differ, so that who serves already comes before who is older. */
function stays(one: Present, other: Present): boolean {
  if (one.serving !== other.serving) return one.serving
  if (one.since !== other.since) return one.since < other.since
  return one.id < other.id
}
