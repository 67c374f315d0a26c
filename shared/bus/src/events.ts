import type { Event, EventOf } from '@gomodel/contracts'
import { type Static, type TSchema, Type } from 'typebox'
import { checked, decodeJson, encodeJson } from './codec.ts'
import { GatheredEvents } from './gathered-events.ts'
import { eventSubject } from './subjects.ts'
import type { Transport, TransportSubscription } from './transport.ts'

/** Each is checked by itself: one that breaks its contract says nothing of those it came with. */
const SEVERAL = Type.Array(Type.Unknown())

/** Both ends of `emit`: facts on their way to whoever listens, alone or with others of their kind. */
export class Events {
  readonly #transport: Transport
  readonly #dropped: (subject: string, error: unknown) => void
  readonly #gathered: GatheredEvents

  /** `dropped` is told what could not be sent: whoever emits is not harmed by it, and often gone when a batch leaves. */
  constructor({ transport, dropped }: { transport: Transport; dropped: (subject: string, error: unknown) => void }) {
    this.#transport = transport
    this.#dropped = dropped
    this.#gathered = new GatheredEvents({ publish: (subject, message) => this.#publish(subject, message), room: () => transport.maxPayload })
  }

  emit<V extends TSchema>(contract: Event<V>, value: Static<V>, to?: string): void {
    if (!this.#transport.connected) return
    const subject = eventSubject(contract.name, to)
    if (this.#transport.near?.heard(subject) === false) return
    if (contract.gatheredMs === undefined) this.#publish(subject, encodeJson(value))
    else this.#gathered.add(contract.gatheredMs, subject, value)
  }

  on<V extends TSchema>(contract: Event<V>, handler: (value: EventOf<Event<V>>) => void, to?: string): TransportSubscription {
    const subject = eventSubject(contract.name, to)
    const what = `an event ${contract.name}`
    if (contract.gatheredMs === undefined) return this.#transport.subscribe(subject, ({ data }) => handler(decodeJson(contract.event, data, what)))
    return this.#transport.subscribe(subject, ({ data }) => {
      const failures: unknown[] = []
      for (const value of decodeJson(SEVERAL, data, what)) {
        try {
          handler(checked(contract.event, value, what))
        } catch (thrown) {
          failures.push(thrown)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, `events ${contract.name} that could not be handled: ${failures.length}`)
    })
  }

  /** Those that wait leave now. */
  flush(): void {
    this.#gathered.flush()
  }

  #publish(subject: string, message: Buffer): void {
    if (!this.#transport.connected) return
    try {
      this.#transport.publish(subject, message)
    } catch (error) {
      this.#dropped(subject, error)
    }
  }
}
