import { GatewayError, type Ask } from '@gomodel/contracts'
import type { Static, TSchema } from 'typebox'
import { checked } from './codec.ts'
import type { NearAnswerer } from './desk.ts'
import type { Near } from './near.ts'
import { askSubject } from './subjects.ts'
import type { Tally } from './tally.ts'
import type { TransportSubscription } from './transport.ts'
import type { Answering, AskOptions, Question, Reply } from './types.ts'

const NOTHING = Buffer.alloc(0)

/** Questions within a process. */
export class NearQuestions {
  readonly #near: Near
  readonly #maxPayload: number
  readonly #tally: Tally
  readonly #serving: (() => void)[] = []
  #closed = false

  constructor({ near, maxPayload, tally }: { near: Near; maxPayload: number; tally: Tally }) {
    this.#near = near
    this.#maxPayload = maxPayload
    this.#tally = tally
  }

  async ask<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, request: Static<Q>, options: AskOptions): Promise<Required<Reply<Static<A>>>> {
    if (this.#closed) throw new GatewayError('unavailable', 'the bus is closed')
    const answerer = this.#answerer(contract, options)
    if (!answerer) throw new GatewayError('unavailable', `nobody answers ${contract.name}`, { retryAfterMs: 1000 })
    try {
      const reply = answerer.handler(this.#question(contract, request, options) as Question<never>)
      return this.#checked(contract, reply instanceof Promise ? await this.#inTime(contract, reply) : reply)
    } catch (thrown) {
      throw GatewayError.fromWire(GatewayError.from(thrown).toWire())
    }
  }

  tell<Q extends TSchema>(contract: Ask<Q>, request: Static<Q>, options: AskOptions): void {
    const answerer = this.#closed ? undefined : this.#answerer(contract, options)
    if (!answerer) return
    this.#near.later(() => void this.#heard(answerer, () => this.#question(contract, request, options)))
  }

  serve<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, handler: Answering<Q, A>, to?: string): TransportSubscription {
    const unsubscribe = this.#near.desk.answerers.add(askSubject(contract.name, to), { contract, handler: handler as NearAnswerer['handler'] })
    this.#serving.push(unsubscribe)
    return { unsubscribe }
  }

  /** Answers nothing more, and asks nothing more. */
  close(): void {
    this.#closed = true
    for (const stop of this.#serving) stop()
  }

  async #heard(answerer: NearAnswerer, question: () => Question<unknown>): Promise<void> {
    try {
      await answerer.handler(question() as Question<never>)
    } catch {
      // Whoever tells waits for nothing: neither for an answer nor for an error.
    }
  }

  #answerer(contract: Ask, { to }: AskOptions): NearAnswerer | undefined {
    const all = this.#near.desk.answerers.under(askSubject(contract.name, to))
    return all.length < 2 ? all[0] : all[Math.floor(Math.random() * all.length)]
  }

  #question<Q extends TSchema>(contract: Ask<Q>, request: Static<Q>, { body = NOTHING, trace }: AskOptions): Question<Static<Q>> {
    if (body.length >= this.#maxPayload) throw new GatewayError('payload_too_large', `a message of ${body.length} bytes is over the bus limit of ${this.#maxPayload}`)
    return { request: checked(contract.request, request, `a question of ${contract.name}`), body: asBuffer(body), trace }
  }

  #checked<A extends TSchema>(contract: Ask<TSchema, A>, { reply, body = NOTHING }: Reply<unknown>): Required<Reply<Static<A>>> {
    if (body.length >= this.#maxPayload) throw new Error(`an answer of ${body.length} bytes does not fit on the bus`)
    return { reply: checked(contract.reply, reply, `the answer of ${contract.name}`), body }
  }

  /** When this process itself was late, the answer may be there already: it counts before the deadline does. */
  async #inTime<T>({ name, deadlineMs }: Ask, answer: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>()
    const expire = () => {
      late.reject(new GatewayError('timeout', `${name} did not answer in ${deadlineMs} ms`))
      const count = () => void this.#tally.lateFrames++
      answer.then(count, count)
    }
    const timer = setTimeout(() => setImmediate(expire), deadlineMs)
    try {
      return await Promise.race([answer, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => (bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
