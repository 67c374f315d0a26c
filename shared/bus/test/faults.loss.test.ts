import { type NatsServer, startNats, until } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BODY_OFFSET, decodeStream, isStream, KIND } from '../src/frames.ts'
import { join, known, measured, newPool, nothing, tally, tell } from './actors.ts'
import type { LossyTransport, Outgoing } from './lossy-transport.ts'
import { numbered, serveNumbered } from './numbered.ts'

const KB = 1024

/** Loses the first so many messages that match. */
function lose(transport: LossyTransport, count: number, matches: (message: Outgoing) => boolean): void {
  let left = count
  transport.loses = message => message.data.length > 0 && left > 0 && matches(message) && left-- > 0
}

const kind = (wanted: number) => ({ data }: Outgoing) => data[0] === wanted
const frame = (matches: (read: ReturnType<typeof decodeStream>) => boolean) => ({ data }: Outgoing) => isStream(data) && matches(decodeStream(data))
const bodyFrame = (seq: number) => ({ data }: Outgoing) => data[0] === KIND.body && decodeStream(data, BODY_OFFSET).seq === seq
const credit = ({ data, reply }: Outgoing) => data[0] === KIND.state && reply === undefined
/** Not the answers to probes, which go to a token of their own. */
const bodyCredit = ({ data, subject }: Outgoing) => data[0] === KIND.state && !subject.includes('~')
const probe = ({ data, reply }: Outgoing) => data[0] === KIND.state && reply !== undefined

interface Loss {
  what: string
  who: 'caller' | 'worker'
  count?: number
  matches: (message: Outgoing) => boolean
  /** Also lost, by the other one. */
  too?: (message: Outgoing) => boolean
  body?: number
}

const losses: Loss[] = [
  { what: 'the opening', who: 'caller', matches: kind(KIND.open) },
  { what: 'the acceptance of a large body', who: 'worker', matches: kind(KIND.accept), body: 600 * KB },
  { what: 'the first frame', who: 'worker', matches: frame(({ seq }) => seq === 1) },
  { what: 'the third frame', who: 'worker', matches: frame(({ seq }) => seq === 3) },
  { what: 'the third frame and the first two that resend it', who: 'worker', count: 3, matches: frame(({ seq }) => seq === 3) },
  { what: 'the end', who: 'worker', matches: frame(({ end }) => end !== undefined) },
  { what: 'the end twice', who: 'worker', count: 2, matches: frame(({ end }) => end !== undefined) },
  { what: 'the first ten frames', who: 'worker', count: 10, matches: frame(() => true) },
  { what: 'a frame and the first request to resend it', who: 'worker', matches: frame(({ seq }) => seq === 2), too: kind(KIND.resume) },
  { what: 'the first ten credits', who: 'caller', count: 10, matches: credit },
  { what: 'the first two probes', who: 'caller', count: 2, matches: probe },
  { what: 'the first piece of a body', who: 'caller', matches: bodyFrame(1), body: 600 * KB },
  { what: 'the second piece of a body and the first request to resend it', who: 'caller', matches: bodyFrame(2), too: kind(KIND.resume), body: 600 * KB },
  { what: 'the last piece of a body', who: 'caller', matches: ({ data }) => data[0] === KIND.body && decodeStream(data, BODY_OFFSET).end !== undefined, body: 600 * KB },
  { what: 'the first five credits for a body', who: 'worker', count: 5, matches: bodyCredit, body: 900 * KB },
]

describe('what is lost on the way is found out', () => {
  let nats: NatsServer
  beforeAll(async () => {
    nats = await startNats()
  })
  afterAll(() => nats.stop())

  const pair = async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await join(nats.url)]
    return { pool, caller, worker, ...serveNumbered(worker, { to: pool }) }
  }

  test.each(['to a worker that is known', 'through the queue group'])('%s: whatever is lost, the answer is exact', async way => {
    const outcomes = await Promise.all(
      losses.map(async ({ what, who, count = 1, matches, too = () => false, body = 0 }) => {
        const { pool, caller, worker, served } = await pair()
        if (way === 'through the queue group') caller.transport.loses = () => false
        else await known(caller, pool, 1)
        const [loser, other] = who === 'caller' ? [caller, worker] : [worker, caller]
        lose(loser.transport, count, matches)
        lose(other.transport, 1, too)
        // Long enough to need new credit several times.
        const { kind: verdict } = await tell(caller, pool, { count: 1200, bytesEach: 100, everyMs: 1 }, { body: Buffer.alloc(body, 'b') })
        await until(() => served.inFlight === 0, { what: `nothing to be left at the worker that lost ${what}` })
        expect(caller.counts, what).toMatchObject({ inFlight: 0, grantedBytes: 0 })
        return `${what}: ${loser.transport.lost > 0 ? 'lost' : 'not lost'}, ${verdict}`
      }),
    )
    expect(outcomes).toEqual(losses.map(({ what }) => `${what}: lost, exact`))
  })

  test('a cancel, also when no other request follows', async () => {
    const { pool, caller, observed } = await pair()
    await known(caller, pool, 1)
    lose(caller.transport, 1, kind(KIND.cancel))
    const stop = new AbortController()
    const held = tell(caller, pool, { count: 1, bytesEach: 20, everyMs: 0, hangAfter: 0 }, { signal: stop.signal })
    await until(() => observed.started === 1, { what: 'the work to begin' })
    stop.abort()
    const leftAt = performance.now()
    expect(await held).toMatchObject({ kind: 'refused', code: 'cancelled' })
    await until(() => observed.cancelled === 1, { what: 'the work to be cancelled', timeoutMs: 4000 })
    measured('work whose cancel was lost is cancelled after', performance.now() - leftAt)
    expect(caller.transport.lost).toBe(1)
  })

  test('the last acknowledgement, so that a worker can drain', async () => {
    const { pool, caller, served } = await pair()
    await known(caller, pool, 1)
    lose(caller.transport, 100, credit)
    expect(await tell(caller, pool, { count: 3, bytesEach: 20, everyMs: 0 })).toMatchObject({ kind: 'exact' })
    const began = performance.now()
    await served.drain()
    measured('a worker whose last acknowledgement was lost has drained after', performance.now() - began)
  })

  test('a refusal', async () => {
    const { pool, caller, worker } = await pair()
    const full = newPool()
    const { observed } = serveNumbered(worker, { to: full, capacity: 1 })
    await known(caller, full, 1)
    const stop = new AbortController()
    const running = tell(caller, full, { count: 1, bytesEach: 20, everyMs: 0, hangAfter: 0 }, { signal: stop.signal })
    await until(() => observed.started === 1, { what: 'the worker to be full' })
    lose(worker.transport, 1, kind(KIND.reject))
    expect(await tell(caller, full, { count: 1, bytesEach: 20, everyMs: 0 })).toMatchObject({ kind: 'refused' })
    expect(worker.transport.lost).toBe(1)
    stop.abort()
    expect(await running).toMatchObject({ code: 'cancelled' })
    await known(caller, pool, 1)
  })

  test('any of them, one in twenty, in both directions', async () => {
    const { pool, caller, worker, served } = await pair()
    await known(caller, pool, 1)
    let state = 42
    const unlucky = () => ((state = (state * 48_271) % 0x7fffffff) >>> 8) % 20 === 0
    for (const { transport } of [caller, worker]) transport.loses = unlucky
    const body = Buffer.alloc(700 * KB, 'x')
    const told = await Promise.all([
      ...Array.from({ length: 20 }, () => tell(caller, pool, { count: 300, bytesEach: 300, everyMs: 3 })),
      ...Array.from({ length: 5 }, () => tell(caller, pool, { count: 10, bytesEach: 300, everyMs: 1 }, { body })),
    ])
    // A request whose opening is lost at each try is refused; nothing else may be less than exact.
    const { exact = 0, 'refused unavailable': refused = 0 } = tally(told)
    expect(exact + refused).toBe(25)
    expect(exact).toBeGreaterThan(20)
    expect(caller.transport.lost).toBeGreaterThan(10)
    await until(() => served.inFlight === 0, { what: 'nothing to be left at the worker' })
  })

  test('an answer without a head is an error and not a wait', async () => {
    const { caller, worker } = await pair()
    const pool = newPool()
    worker.serveExchange(numbered, { to: pool }, async () => ({ count: 0, bodyBytes: 0, bodySum: 0 }))
    await known(caller, pool, 1)
    await expect(caller.exchange(numbered, { count: 0, bytesEach: 20, everyMs: 0 }, { to: pool, body: nothing })).rejects.toMatchObject({ code: 'internal' })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  })

  test('garbage harms nobody', async () => {
    const { pool, caller, worker } = await pair()
    await known(caller, pool, 1)
    const stranger = await join(nats.url)
    const faults: string[] = []
    for (const bus of [caller, worker]) bus.onStatus(status => status.kind === 'handler_failed' && faults.push(status.subject))
    const kinds = [0x00, 0x7f, KIND.stream | 0x0f, KIND.stream, KIND.accept, KIND.state, KIND.resume, KIND.open, KIND.body]
    caller.transport.loses = ({ subject, reply }) => {
      for (const target of [subject, reply ?? subject]) {
        for (const first of kinds) for (let length = 0; length < 60; length += 5) stranger.transport.publish(target, Buffer.concat([Buffer.of(first), Buffer.alloc(length, 0xff)]))
      }
      return false
    }
    const body = Buffer.alloc(600 * KB, 'x')
    const told = await Promise.all(Array.from({ length: 5 }, () => tell(caller, pool, { count: 50, bytesEach: 20, everyMs: 1 }, { body })))
    caller.transport.loses = () => false
    expect(tally(told)).toEqual({ exact: 5 })
    expect(faults.length).toBeGreaterThan(0)
  })
})
