import { setTimeout as pause } from 'node:timers/promises'
import type { Lead } from '@gomodel/contracts'
import type { AnswerCache, CacheQuestion, Hit } from '../answer-cache.ts'
import type { Client } from '../client.ts'
import type { IngressMetrics } from '../observe.ts'
import type { Outcome } from '../outcome.ts'
import { Flight, type Opening } from './flight.ts'
import { FlightLost, type Next } from './flight-lost.ts'
import type { FlightReader } from './flight-reader.ts'
import type { Boarded, Flights } from './flights.ts'
import { shown, type Shown, type Wish } from './shown.ts'

/** What passages of one process have in common; without caches nothing is shared. */
export interface PassageParts {
  readonly cache: AnswerCache | undefined
  readonly flights: Flights | undefined
  readonly metrics: IngressMetrics
}

/** One request that needs an answer. */
export interface Passenger {
  /** Undefined when its answers are not cached. */
  readonly question: CacheQuestion | undefined
  readonly wanted: Wish['wanted']
  readonly client: Client
  readonly outcome: Outcome
  /** Called when it may have to get the answer itself, before that is known. */
  readonly prepare: () => void
  /** Gets the answer. */
  readonly open: Opening
}

const MOST_ROUNDS = 6
const PAUSE_MS = 25

/** How one request comes to its answer: out of the cache, by getting it (and others may share it), or by sharing what an equal request gets. */
export class Passage {
  readonly #parts: PassageParts
  readonly #passenger: Passenger
  #reader: FlightReader | undefined
  /** Undefined when it goes alone. */
  #boarded: Boarded | undefined

  constructor(parts: PassageParts, passenger: Passenger) {
    this.#parts = parts
    this.#passenger = passenger
  }

  /** Resolves with an answer that is there, or when it is known who gets it. */
  async board(instead?: Lead): Promise<Hit | undefined> {
    const { question, client, outcome, prepare, open } = this.#passenger
    const { cache, flights, metrics } = this.#parts
    const key = question && shareable(question)
    if (!question || !cache || !flights || key === undefined) {
      if (question) cache?.counted('bypass')
      return this.#alone()
    }
    const known = flights.under(key)
    if (!known) prepare()
    const boarded = known ?? flights.depart({ key, span: question.span, manner: question.manner, instead, open, landed: (flight, lead) => keep(this.#parts, question, { flight, lead }) })
    const counts = boarded.looking
    this.#boarded = boarded
    if (!counts) this.#reader = boarded.flight.join(client)
    const looked = await boarded.looked
    const hit = cache.hit(looked, question)
    if (counts) {
      cache.counted(looked.verdict === 'hit' && !hit ? 'miss' : looked.verdict)
      if (looked.kind !== 'hit') this.#reader = boarded.flight.join(client)
    }
    if (hit || looked.kind === 'hit' || !this.#reader) {
      this.#reader?.leave()
      if (hit) outcome.cache = 'hit'
      return hit ?? this.#alone()
    }
    const leads = !known && looked.kind === 'lead'
    outcome.cache = leads ? 'miss' : 'shared'
    metrics.flight(leads ? 'leader' : 'follower')
    if (!leads) question.span.event('shares an answer')
    return undefined
  }

  /** After `board`: resolves when there is something to send. As long as there is not, whoever gets the answer is replaced when it is lost, or fails for itself alone. */
  async open(): Promise<Shown> {
    const { question, wanted } = this.#passenger
    for (let round = 1; ; round++) {
      try {
        const answer = await shown(this.#reader!, { wanted, ...(question && { replay: question.replay }) })
        this.#note(answer)
        return answer
      } catch (thrown) {
        this.#reader?.leave()
        const next = this.#nextAfter(thrown)
        if (!next) throw thrown
        const hit = await this.#again(round < MOST_ROUNDS ? next : 'alone', round)
        if (hit) return { head: hit, bytes: [hit.bytes], hit }
      }
    }
  }

  /** Who answered is told of everybody who has the answer. */
  #note({ head, hit }: Shown): void {
    const { outcome } = this.#passenger
    if (outcome.cache !== 'shared') {
      if (hit) outcome.cache = 'hit'
    } else if ('model' in head && !hit) outcome.candidate = { ...outcome.candidate, instance: head.provider, model: head.model, fallback: head.fallback }
  }

  /** Undefined when the failure is its own. */
  #nextAfter(thrown: unknown): Next | undefined {
    const { question, client } = this.#passenger
    if (client.gone) return undefined
    if (thrown instanceof FlightLost) return thrown.next
    if (!this.#boarded || this.#reader?.place !== 0) return undefined
    const { flight, leader, manner } = this.#boarded
    // Whoever asks as the leader did would fail as it did. The others are not a call each: the first of them leads the rest.
    return thrown !== flight.failure || manner === question?.manner ? undefined : { replace: leader }
  }

  async #again(next: Next, round: number): Promise<Hit | undefined> {
    if (next === 'alone') return this.#alone()
    if (next !== 'ask') return this.board(next.replace)
    // An answer that is complete takes a moment to get to where it is found.
    await pause(PAUSE_MS * round)
    return this.board()
  }

  #alone(): undefined {
    const { question, client, outcome, open } = this.#passenger
    const { cache } = this.#parts
    const keeps = question !== undefined && question.key !== undefined && question.control.write
    if (question) outcome.cache = keeps ? 'miss' : 'bypass'
    const flight = new Flight({ budget: keeps ? cache?.budget : undefined, landed: () => setImmediate(landed) })
    const landed = (): void => {
      if (keeps) keep(this.#parts, question, { flight, lead: undefined })
      flight.close()
    }
    this.#boarded = undefined
    this.#reader = flight.join(client)
    void flight.begin(open)
  }
}

/** The key under which its answer may come from others; undefined when it may not. */
const shareable = ({ key, control, wishes }: CacheQuestion): string | undefined => (control.read && control.write && wishes.exact ? key : undefined)

/** True when that gives the lead back. */
function keep({ cache }: PassageParts, question: CacheQuestion, { flight, lead }: { flight: Flight; lead: Lead | undefined }): boolean {
  const { source, tape, failure } = flight
  const bytes = tape.whole
  if (!cache || !source || !bytes || failure !== undefined || source.hit || source.head.fallback) return false
  return cache.keep(question, source, { bytes, lead })
}
