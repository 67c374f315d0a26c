import { randomBytes } from 'node:crypto'
import { type Bus, PassingMap } from '@gomodel/bus'
import { exactLease, LEASE_MS, MOST_LEASES, type Lead } from '@gomodel/contracts'
import type { Span } from '@gomodel/service'
import type { AnswerCache, Looked } from '../answer-cache.ts'
import { Flight, type Opening } from './flight.ts'
import { FlightLost } from './flight-lost.ts'
import { remoteSource } from './remote-source.ts'

/** A flight under its key, from the look into the cache on. */
export interface Boarded {
  readonly flight: Flight
  /** What the cache says. */
  readonly looked: Promise<Looked>
  /** It has not said it yet. */
  readonly looking: boolean
  /** Who gets it: known when the cache has said so. */
  readonly leader: Lead
  /** How that one asks; of another ingress undefined until the call has failed. */
  readonly manner: string | undefined
}

/** What the first one of equal requests brings along. */
export interface Departing {
  readonly key: string
  readonly span: Span
  /** How it is asked. */
  readonly manner: string
  /** The leader that did not get it. */
  readonly instead: Lead | undefined
  /** Asks a model, should nobody else do so already. */
  readonly open: Opening
  /** What to do with an answer that is complete; true when that gives the lead back. */
  readonly landed: (flight: Flight, lead: Lead) => boolean
}

class Aloft implements Boarded {
  looking = true
  leading = false
  leader: Lead
  manner: string | undefined
  /** It was there when leads were last prolonged. */
  seen = false
  readonly id: string
  readonly looked: Promise<Looked>
  readonly #take: (aloft: Aloft) => Flight
  #flight: Flight | undefined

  constructor({ lead, manner, looked, flight }: { lead: Lead; manner: string; looked: Promise<Looked>; flight: (aloft: Aloft) => Flight }) {
    this.id = lead.flight
    this.leader = lead
    this.manner = manner
    this.looked = looked
    this.#take = flight
  }

  /** Made for the first who joins it: a hit needs none. */
  get flight(): Flight {
    return (this.#flight ??= this.#take(this))
  }

  get abandoned(): boolean {
    return this.#flight?.abandoned ?? false
  }

  close(): void {
    this.#flight?.close()
  }
}

const RENEW_MS = LEASE_MS / 3

/** The answers that this ingress is getting for more than one request, or could: one for each key. */
export class Flights {
  /** The name of this ingress on the bus, new at every start. */
  readonly ingress = randomBytes(16).toString('base64url')
  readonly #bus: Bus
  readonly #cache: AnswerCache
  readonly #aloft = new PassingMap<string, Aloft>()
  readonly #renewing: NodeJS.Timeout
  #last = 0

  constructor(bus: Bus, cache: AnswerCache) {
    this.#bus = bus
    this.#cache = cache
    this.#renewing = setInterval(() => this.#renew(), RENEW_MS).unref()
  }

  /** The flight that other ingresses know by this name; undefined when it is over, or never was one to follow. */
  led(key: string, id: string): Boarded | undefined {
    const aloft = this.#aloft.get(key)
    return aloft?.id === id && !aloft.abandoned ? aloft : undefined
  }

  /** The flight of equal requests that is there. */
  under(key: string): Boarded | undefined {
    const aloft = this.#aloft.get(key)
    return aloft?.abandoned ? undefined : aloft
  }

  /** A new one, which begins with a look into the cache. Who waits for that joins as soon as it is over. */
  depart(departing: Departing): Boarded {
    const { key, span, manner, instead } = departing
    const lead: Lead = { ingress: this.ingress, flight: (++this.#last).toString(36) }
    const looked = this.#cache.look(key, { span, lead, instead })
    const aloft = new Aloft({ lead, manner, looked, flight: made => new Flight({ budget: this.#cache.budget, landed: () => this.#landed(made, departing, lead) }) })
    this.#aloft.set(key, aloft)
    void looked.then(found => this.#begin(aloft, departing, { looked: found, lead }))
    return aloft
  }

  close(): void {
    clearInterval(this.#renewing)
  }

  #begin(aloft: Aloft, { key, span, open }: Departing, { looked, lead }: { looked: Looked; lead: Lead }): void {
    aloft.looking = false
    if (looked.kind === 'hit') return this.#forget(key, aloft)
    // Everybody who waited for the look joins first.
    const begin = (how: Opening): void => queueMicrotask(() => void aloft.flight.begin(how))
    if (looked.kind === 'leader') {
      const { leader } = looked
      aloft.leader = leader
      aloft.manner = undefined
      // Our own is not there any more: its answer is on the way to the cache.
      if (leader.ingress === lead.ingress) return begin(() => Promise.reject(new FlightLost('ask')))
      return begin(signal => remoteSource(this.#bus, { key, leader, signal, trace: span.trace, failing: manner => (aloft.manner = manner) }))
    }
    aloft.leading = true
    begin(open)
  }

  #landed(aloft: Aloft, { key, landed }: Departing, lead: Lead): void {
    const { flight, leading } = aloft
    if (flight.failure !== undefined || !leading) {
      this.#forget(key, aloft)
      if (leading) this.#tell([{ key, flight: lead.flight }], false)
      return
    }
    // The readers come first. Whoever asks meanwhile still gets it from here.
    setImmediate(() => {
      if (!landed(flight, lead)) this.#tell([{ key, flight: lead.flight }], false)
      this.#forget(key, aloft)
    })
  }

  #forget(key: string, aloft: Aloft): void {
    if (this.#aloft.get(key) === aloft) this.#aloft.delete(key)
    aloft.close()
  }

  #renew(): void {
    const held: { key: string; flight: string }[] = []
    for (const [key, aloft] of this.#aloft) {
      if (aloft.leading && aloft.seen) held.push({ key, flight: aloft.id })
      aloft.seen = true
    }
    for (let at = 0; at < held.length; at += MOST_LEASES) this.#tell(held.slice(at, at + MOST_LEASES), true)
  }

  #tell(flights: { key: string; flight: string }[], held: boolean): void {
    this.#bus.tell(exactLease, { ingress: this.ingress, flights, held })
  }
}
