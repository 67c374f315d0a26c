import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Bus, InProcessBroker } from '@gomodel/bus'
import { exactLease, exactLookup, flight, GatewayError, type Lead } from '@gomodel/contracts'
import { Invalidations, noTracing } from '@gomodel/service'
import { until } from '@gomodel/testing'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AnswerCache, type CacheQuestion } from '../answer-cache.ts'
import { cacheControl } from '../cache-control.ts'
import { Client } from '../client.ts'
import { ingressMetrics } from '../observe.ts'
import type { Outcome } from '../outcome.ts'
import { collected, joined } from '../pieces.ts'
import { cacheWishes } from '../semantic/wishes.ts'
import type { Source } from './flight.ts'
import { Flights } from './flights.ts'
import { Passage } from './passage.ts'
import { serveFlights } from './serve-flights.ts'

const KEY = 'k'.repeat(43)
const candidate = { instance: 'openai', model: 'gpt', weight: 1, fallback: false }

/** One request on its way. */
interface Under {
  /** Resolves when it is known who gets its answer. */
  readonly boarded: Promise<unknown>
  /** As text. */
  readonly answer: Promise<string>
}

type Asking = (manner: string) => Under

interface Setting {
  readonly ingresses: readonly Asking[]
  /** The manners of all calls of the model so far. */
  readonly calls: readonly string[]
  /** Ends the call that waits longest: with its manner as the answer, or this failure. */
  readonly end: (failure?: GatewayError) => void
  /** One more on the same bus. */
  readonly join: (name: string) => Bus
}

/** Ingresses on one bus. The cache keeps nothing but who leads, or does not even do that. */
function ingressesOf(count: number, fault?: 'notes nothing' | 'is away'): Setting {
  const broker = new InProcessBroker()
  const join = (name: string): Bus => {
    const bus = new Bus(broker.connect(), name)
    onTestFinished(() => bus.close())
    return bus
  }
  const cache = join('exact-cache')
  let led: Lead | undefined
  const same = (one: Lead | undefined, other: Lead | undefined) => one?.ingress === other?.ingress && one?.flight === other?.flight
  const looking = cache.serve(exactLookup, ({ request: { lead, instead } }) => {
    if (fault === 'notes nothing') return { reply: {} }
    if (led && !same(led, instead)) return { reply: { leader: led } }
    led = lead
    return { reply: { lead: true } }
  })
  if (fault === 'is away') looking.stop()
  cache.serve(exactLease, ({ request: { ingress, flights, held } }) => {
    if (!held && flights.some(given => same(led, { ingress, flight: given.flight }))) led = undefined
    return { reply: { known: 0 } }
  })
  const calls: string[] = []
  const waiting: ((failure: GatewayError | undefined) => void)[] = []
  const call = (manner: string): Promise<Source> => {
    calls.push(manner)
    const { promise, resolve, reject } = Promise.withResolvers<Source>()
    const bytes = (async function* () {
      yield Buffer.from(manner)
    })()
    waiting.push(failure => (failure ? reject(failure) : resolve({ head: { provider: 'openai', model: 'gpt', fallback: false, form: 'whole', includeUsage: false }, bytes, end: { natural: true } })))
    return promise
  }
  const ingresses = Array.from({ length: count }, (_, at) => askingAt(join(`ingress-${at}`), call))
  return { ingresses, calls, join, end: failure => waiting.shift()!(failure) }
}

function askingAt(bus: Bus, call: (manner: string) => Promise<Source>): Asking {
  const metrics = ingressMetrics(new Registry())
  const cache = new AnswerCache({ bus, tracing: noTracing, metrics, semantic: undefined, invalidations: new Invalidations() })
  const flights = new Flights(bus, cache)
  onTestFinished(() => flights.close())
  serveFlights(bus, flights)
  return manner => {
    const wanted = { stream: false, includeUsage: false }
    const span = noTracing.span('request', { kind: 'server', parent: undefined })
    const question: CacheQuestion = { key: KEY, control: cacheControl(undefined), wishes: cacheWishes({}), meaning: undefined, model: 'gpt', tenant: 't', wanted, manner, replay: () => undefined, span }
    const client = new Client(new ServerResponse(new IncomingMessage(new Socket())))
    const outcome: Outcome = { endpoint: 'chat', asked: 'gpt', stream: false, candidate, cache: 'off' }
    const passage = new Passage({ cache, flights, metrics }, { question, wanted, client, outcome, prepare: () => {}, open: () => call(manner) })
    const boarded = passage.board()
    const answered = async (): Promise<string> => {
      await boarded
      const { bytes } = await passage.open()
      return joined(Symbol.asyncIterator in bytes ? await collected(bytes) : bytes).toString()
    }
    return { boarded, answer: answered() }
  }
}

const REFUSED = new GatewayError('invalid_request', 'this organization must be verified to stream')
const many = (asking: Asking, manner: string, count: number) => Array.from({ length: count }, () => asking(manner))
const settled = async (requests: readonly Under[]) => (await Promise.allSettled(requests.map(({ answer }) => answer))).map(answer => (answer.status === 'fulfilled' ? answer.value : (answer.reason as GatewayError).message))
/** All of them wait for the answer that another gets: on this bus a question needs some turns, and no time. */
const waiting = async (requests: readonly Under[]) => {
  await Promise.all(requests.map(({ boarded }) => boarded))
  for (let left = 10; left > 0; left--) await turn()
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('a call that fails before its first content', () => {
  /** Equal requests in two manners at two ingresses, all of which wait for the call of the first one. */
  async function boarded() {
    const { ingresses, calls, end } = ingressesOf(2)
    const [here, there] = ingresses as [Asking, Asking]
    const first = here('streamed')
    const called = (count: number) => until(() => calls.length === count, { what: `${count} calls` })
    await called(1)
    const same = [first, ...many(here, 'streamed', 10), ...many(there, 'streamed', 10)]
    const others = [...many(here, 'whole', 500), ...many(there, 'whole', 500)]
    const told = settled(same)
    const toldOthers = settled(others)
    await waiting([...same, ...others])
    return { calls, called, end, told, toldOthers }
  }

  test('is told to whoever asks in the same manner, and costs the others one call more', async () => {
    const { calls, called, end, told, toldOthers } = await boarded()
    end(REFUSED)
    expect(await told).toEqual(times(21, REFUSED.message))
    await called(2)
    end()
    expect(await toldOthers).toEqual(times(1000, 'whole'))
    expect(calls).toEqual(['streamed', 'whole'])
  })

  test('in every manner costs one call for each', async () => {
    const { calls, called, end, told, toldOthers } = await boarded()
    end(REFUSED)
    await called(2)
    end(new GatewayError('timeout', 'too late'))
    expect([await told, await toldOthers]).toEqual([times(21, REFUSED.message), times(1000, 'too late')])
    expect(calls).toEqual(['streamed', 'whole'])
  })

  test('at an ingress that does not say how it was asked, costs the others one call more', async () => {
    const { ingresses: [here], calls, end, join } = ingressesOf(1)
    const older = join('older')
    const failing = Promise.withResolvers<void>()
    older.serveExchange(flight, { to: 'older' }, async call => {
      await failing.promise
      call.head({})
      return { failure: { code: 'invalid_request', message: 'no' } }
    })
    await older.ask(exactLookup, { key: KEY, lead: { ingress: 'older', flight: '1' } })
    const requests = many(here!, 'streamed', 10)
    const told = settled(requests)
    await waiting(requests)
    failing.resolve()
    await until(() => calls.length === 1, { what: 'the call' })
    end()
    expect(await told).toEqual(times(10, 'streamed'))
    expect(calls).toEqual(['streamed'])
  })
})

test.each(['notes nothing', 'is away'] as const)('where the cache %s, equal requests share a call at each ingress', async fault => {
  const { ingresses, calls, end } = ingressesOf(2, fault)
  const first = ingresses.flatMap(asking => many(asking, 'whole', 10))
  const answers = settled(first)
  await waiting(first)
  const late = ingresses.map(asking => asking('whole'))
  const lateAnswers = settled(late)
  await waiting(late)
  for (const _ of ingresses) end()
  expect([await answers, await lateAnswers]).toEqual([times(20, 'whole'), times(2, 'whole')])
  expect(calls).toEqual(['whole', 'whole'])
})
