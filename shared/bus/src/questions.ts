import { GatewayError, type Ask } from '@gomodel/contracts'
import { type Static, type TSchema, Type } from 'typebox'
import { checked, decodeError, encodeError } from './codec.ts'
import type { Departures } from './departures.ts'
import { decodeWithJson, encodeWithJson } from './frames.ts'
import type { Inbox } from './inbox.ts'
import { askSubject, QUEUE, randomToken } from './subjects.ts'
import type { Message, Transport, TransportSubscription } from './transport.ts'
import { TraceContext, type Answering, type AskOptions, type Reply, type Trace } from './types.ts'

const OK = 0
const FAILED = 1

const Envelope = Type.Object({ trace: Type.Optional(TraceContext), request: Type.Unknown() })

/** Both ends of `ask`: one question to whoever serves it, one answer within the contract's deadline. */
export class Questions {
  readonly #transport: Transport
  readonly #inbox: Inbox
  readonly #departures: Departures
  #open = 0

  constructor({ transport, inbox, departures }: { transport: Transport; inbox: Inbox; departures: Departures }) {
    this.#transport = transport
    this.#inbox = inbox
    this.#departures = departures
  }

  /** How many wait for their answer. */
  get open(): number {
    return this.#open
  }

  async ask<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, request: Static<Q>, { to, body, trace }: AskOptions): Promise<Required<Reply<Static<A>>>> {
    const { promise, resolve, reject } = Promise.withResolvers<Message>()
    const token = randomToken()
    const late = () => reject(new GatewayError('timeout', `${contract.name} did not answer in ${contract.deadlineMs} ms`))
    let timer: NodeJS.Timeout | undefined
    // When this process itself was late, the answer waits in the socket, if it was asked at all: it is read before the deadline counts.
    const left = (): void => {
      timer = setTimeout(() => setImmediate(late), contract.deadlineMs)
    }
    this.#inbox.on(token, resolve)
    this.#open++
    try {
      this.#departures.send({ subject: askSubject(contract.name, to), message: question(request, trace, body), reply: this.#inbox.subject(token), left, failed: reject })
      const { noResponders, data } = await promise
      if (noResponders) throw new GatewayError('unavailable', `nobody answers ${contract.name}`, { retryAfterMs: 1000 })
      if (data[0] !== OK) throw decodeError(data.subarray(1))
      const { json, raw } = decodeWithJson(data)
      return { reply: checked(contract.reply, json, `the answer of ${contract.name}`), body: raw }
    } finally {
      clearTimeout(timer)
      this.#inbox.off(token)
      this.#open--
    }
  }

  tell<Q extends TSchema>(contract: Ask<Q>, request: Static<Q>, { to, body, trace }: AskOptions): void {
    this.#departures.send({ subject: askSubject(contract.name, to), message: question(request, trace, body) })
  }

  serve<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, handler: Answering<Q, A>, to?: string): TransportSubscription {
    const answer = async (message: Message): Promise<Buffer> => {
      try {
        const { json, raw } = decodeWithJson(message.data)
        const { trace, request } = checked(Envelope, json, `a question of ${contract.name}`)
        const { reply, body } = await handler({ request: checked(contract.request, request, `a question of ${contract.name}`), body: raw, trace })
        return fitting(encodeWithJson(OK, reply, body), this.#transport.maxPayload)
      } catch (thrown) {
        return Buffer.concat([Buffer.of(FAILED), encodeError(thrown, this.#transport.maxPayload - 1)])
      }
    }
    return this.#transport.subscribe(askSubject(contract.name, to), message => {
      void answer(message).then(reply => this.#transport.connected && message.reply !== '' && this.#transport.publish(message.reply, reply))
    }, QUEUE)
  }
}

const question = (request: unknown, trace: Trace | undefined, body: Uint8Array | undefined): Buffer => encodeWithJson(OK, { ...(trace && { trace }), request }, body)

function fitting(message: Buffer, maxPayload: number): Buffer {
  if (message.length <= maxPayload) return message
  throw new GatewayError('internal', 'internal error', { cause: new Error(`an answer of ${message.length} bytes does not fit on the bus`) })
}
