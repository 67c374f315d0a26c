import { setTimeout as sleep } from 'node:timers/promises'
import { ask, event, GatewayError } from '@gomodel/contracts'
import { startNats, until } from '@gomodel/testing'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Bus, InProcessBroker, openBus } from '../src/index.ts'
import type { Transport } from '../src/transport.ts'
import { NatsTransport } from '../src/nats.ts'
import { content, numbered, piece, serveNumbered, sum, verdictOn } from './numbered.ts'

const double = ask({ name: 'double', request: Type.Object({ value: Type.Number() }), reply: Type.Object({ value: Type.Number() }), deadlineMs: 400 })
const noted = event({ name: 'noted', gatheredMs: 20, event: Type.Object({ place: Type.Integer() }) })
const happened = event({ name: 'happened', event: Type.Object({ what: Type.String() }) })

const connected = async <T extends { connected: boolean }>(end: T) => {
  await until(() => end.connected, { what: 'the bus' })
  return end
}

interface Place {
  bus(): Promise<Bus>
  transport(): Promise<Transport>
}

/** Every test runs on both transports; what differs is only who carries the messages. */
const places: Record<string, () => Promise<Place & { stop(): Promise<void> }>> = {
  'in process': async () => {
    const broker = new InProcessBroker()
    return { bus: async () => new Bus(broker.connect(), 'test'), transport: async () => broker.connect(), stop: async () => {} }
  },
  NATS: async () => {
    const url = process.env['TEST_NATS_URL']
    const server = url === undefined ? await startNats() : { url, stop: async () => {} }
    return { bus: () => connected(openBus(server.url, 'test')), transport: () => connected(new NatsTransport(server.url, 'test')), stop: () => server.stop() }
  },
}

const quick = (count: number) => ({ count, bytesEach: 20, everyMs: 0 })

describe.each(Object.entries(places))('on the bus %s', (_, make) => {
  let place: Awaited<ReturnType<typeof make>>
  beforeAll(async () => {
    place = await make()
  })
  afterAll(() => place.stop())

  const join = async () => {
    const bus = await place.bus()
    onTestFinished(() => bus.close())
    return bus
  }
  const connect = async () => {
    const transport = await place.transport()
    onTestFinished(() => transport.close())
    return transport
  }
  const nothing = Buffer.alloc(0)
  let pools = 0
  const newPool = () => `pool-${++pools}`

  test('a question is answered by one of those who serve it', async () => {
    const [asker, ...servers] = [await join(), await join(), await join()]
    const counts = [0, 0]
    for (const [index, server] of servers.entries()) {
      server.serve(double, async ({ request: { value }, body }) => {
        counts[index]!++
        return { reply: { value: 2 * value }, body: Buffer.concat([body, body]) }
      })
      await server.flush()
    }
    for (let value = 0; value < 40; value++) {
      const body = Buffer.alloc(value, 'x')
      expect(await asker.ask(double, { value }, { body })).toEqual({ reply: { value: 2 * value }, body: Buffer.concat([body, body]) })
    }
    expect(counts[0]! + counts[1]!).toBe(40)
    expect(Math.min(...counts)).toBeGreaterThan(0)
  })

  test('a question that nobody serves fails at once, one that is not answered at its deadline, one that is refused with its error', async () => {
    const [asker, server] = [await join(), await join()]
    await expect(asker.ask(double, { value: 1 })).rejects.toMatchObject({ code: 'unavailable' })
    server.serve(double, () => new Promise(() => {}), 'slow')
    server.serve(double, () => Promise.reject(new GatewayError('rate_limited', 'later', { retryAfterMs: 7 })), 'strict')
    server.serve(double, () => Promise.reject(new Error('secret text')), 'faulty')
    await server.flush()
    await expect(asker.ask(double, { value: 1 }, { to: 'slow' })).rejects.toMatchObject({ code: 'timeout' })
    await expect(asker.ask(double, { value: 1 }, { to: 'strict' })).rejects.toMatchObject({ code: 'rate_limited', message: 'later', details: { retryAfterMs: 7 } })
    await expect(asker.ask(double, { value: 1 }, { to: 'faulty' })).rejects.toMatchObject({ code: 'internal', message: 'internal error' })
  })

  test('a question or an answer that breaks its contract is refused', async () => {
    const [asker, server] = [await join(), await join()]
    server.serve(double, async () => ({ reply: { value: 'two' } as unknown as { value: number } }), 'wrong')
    server.serve(double, async ({ request }) => ({ reply: request }), 'right')
    await server.flush()
    await expect(asker.ask(double, { value: 1 }, { to: 'wrong' })).rejects.toMatchObject({ code: 'internal' })
    await expect(asker.ask(double, { value: 'one' } as unknown as { value: number }, { to: 'right' })).rejects.toMatchObject({ code: 'internal' })
  })

  test('a question carries the trace it belongs to, and an answer or an error that does not fit on the bus is an error', async () => {
    const [asker, server] = [await join(), await join()]
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    const traces: unknown[] = []
    server.serve(double, async ({ request, trace: heard }) => {
      traces.push(heard)
      return { reply: request, body: Buffer.alloc(request.value) }
    }, 'wide')
    await server.flush()
    await asker.ask(double, { value: 1 }, { to: 'wide', trace })
    expect(traces).toEqual([trace])
    await expect(asker.ask(double, { value: 1024 * 1024 }, { to: 'wide' })).rejects.toMatchObject({ code: 'internal' })
    server.serve(double, () => Promise.reject(new GatewayError('rate_limited', 'x'.repeat(1024 * 1024))), 'wordy')
    await server.flush()
    await expect(asker.ask(double, { value: 1 }, { to: 'wordy' })).rejects.toMatchObject({ code: 'rate_limited' })
  })

  test('questions that wait for the end of their turn are not too late because it was long', async () => {
    const [asker, server] = [await join(), await join()]
    server.serve(double, async ({ request }) => ({ reply: { value: 2 * request.value } }), 'patient')
    await server.flush()
    for (let round = 0; round < 5; round++) {
      // So many that the rest is kept back. These left, and this process did not answer them in time either.
      const before = Array.from({ length: 20 }, () => asker.ask(double, { value: 0 }, { to: 'patient' }).catch(() => {}))
      const answers = [1, 2, 3].map(value => asker.ask(double, { value }, { to: 'patient' }))
      const wakesAt = performance.now() + double.deadlineMs + 100
      while (performance.now() < wakesAt) continue
      expect((await Promise.all(answers)).map(({ reply }) => reply.value)).toEqual([2, 4, 6])
      await Promise.all(before)
    }
  })

  test('who tells what breaks its contract, or is too large, is not harmed by it', async () => {
    const [teller, server] = [await join(), await join()]
    const heard: number[] = []
    server.serve(double, async ({ request }) => {
      heard.push(request.value)
      return { reply: request }
    }, 'told')
    await server.flush()
    expect(() => teller.tell(double, { value: 'one' } as unknown as { value: number }, { to: 'told' })).not.toThrow()
    expect(() => teller.tell(double, { value: 2 }, { to: 'told', body: Buffer.alloc(1024 * 1024) })).not.toThrow()
    teller.tell(double, { value: 3 }, { to: 'told' })
    await until(() => heard.length > 0, { what: 'the one that is right' })
    expect(heard).toEqual([3])
  })

  test('a bus that was left asks and exchanges nothing more', async () => {
    const [caller, worker] = [await place.bus(), await join()]
    const pool = newPool()
    serveNumbered(worker, { to: pool })
    worker.serve(double, async ({ request }) => ({ reply: request }), 'left')
    await worker.flush()
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the worker to be known' })
    await caller.close()
    await expect(caller.ask(double, { value: 1 }, { to: 'left' })).rejects.toMatchObject({ code: 'unavailable' })
    await expect(caller.exchange(numbered, quick(1), { to: pool, body: nothing })).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('an event reaches everybody who listens and nobody who stopped', async () => {
    const [teller, first, second] = [await join(), await join(), await join()]
    const heard: string[] = []
    first.on(happened, ({ what }) => heard.push(`first ${what}`))
    const other = second.on(happened, ({ what }) => heard.push(`second ${what}`))
    await Promise.all([first.flush(), second.flush()])
    teller.emit(happened, { what: 'a' })
    await until(() => heard.length === 2, { what: 'both to hear' })
    await other.stop()
    teller.emit(happened, { what: 'b' })
    await until(() => heard.includes('first b'), { what: 'the first to hear again' })
    expect(heard.toSorted()).toEqual(['first a', 'first b', 'second a'])
  })

  test('facts that may wait travel together, in order, also those of one who leaves', async () => {
    const [teller, listener] = [await place.bus(), await join()]
    const transport = await connect()
    const heard: number[] = []
    let messages = 0
    listener.on(noted, ({ place: at }) => heard.push(at))
    transport.subscribe('gw.v1.evt.noted', () => messages++)
    await Promise.all([listener.flush(), transport.flush()])
    for (let at = 0; at < 250; at++) teller.emit(noted, { place: at })
    await until(() => heard.length === 250, { what: 'all facts' })
    teller.emit(noted, { place: 250 })
    await teller.close()
    await until(() => heard.length === 251, { what: 'the last fact' })
    expect(heard).toEqual([...Array(251).keys()])
    expect(messages).toBeLessThanOrEqual(5)
  })

  test('a short answer takes one message and arrives whole', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    serveNumbered(worker, { to: pool })
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the worker to be known' })
    const answer = await caller.exchange(numbered, quick(3), { to: pool, body: Buffer.from('abc') })
    expect(answer.head).toEqual({ pid: process.pid })
    expect(answer.end).toEqual({ count: 3, bodyBytes: 3, bodySum: sum(Buffer.from('abc')) })
    const chunks = []
    for await (const chunk of answer) chunks.push(Buffer.from(chunk).toString())
    expect(chunks).toEqual([content(3, 20)])
  })

  test('a long answer arrives exactly, its bytes on the way never above its window', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    const { observed } = serveNumbered(worker, { to: pool })
    await worker.flush()
    let most = 0
    let read = 0
    const verdict = await verdictOn(caller.exchange(numbered, { count: 4000, bytesEach: 1000, everyMs: 0 }, { to: pool, body: nothing }), content(4000, 1000), chunk => {
      most = Math.max(most, observed.written * 1000 - read)
      read += chunk.length
    })
    expect(verdict.kind).toBe('exact')
    expect(most).toBeLessThanOrEqual(2 * 256 * 1024)
  })

  test('a reader that pauses pauses its worker and nobody else', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    const { observed } = serveNumbered(worker, { to: pool })
    await worker.flush()
    const paused = await caller.exchange(numbered, { count: 2000, bytesEach: 1000, everyMs: 0 }, { to: pool, body: nothing })
    let before = -1
    await until(() => observed.written === before || void (before = observed.written), { what: 'the worker to stop', everyMs: 100 })
    expect(observed.written).toBeLessThan(600)
    expect((await verdictOn(caller.exchange(numbered, { count: 2000, bytesEach: 1000, everyMs: 0 }, { to: pool, body: nothing }), content(2000, 1000))).kind).toBe('exact')
    expect((await verdictOn(Promise.resolve(paused), content(2000, 1000))).kind).toBe('exact')
  })

  test('a body of 32 MB arrives whole through a bus that carries 1 MB a message', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    serveNumbered(worker, { to: pool })
    await worker.flush()
    const body = Buffer.alloc(32 * 1024 * 1024)
    for (let at = 0; at < body.length; at += 4096) body.writeUInt32LE(at, at)
    const answer = await caller.exchange(numbered, quick(0), { to: pool, body })
    expect(answer.end).toEqual({ count: 0, bodyBytes: body.length, bodySum: sum(body) })
  })

  test('an error before the content rejects, one after it comes behind what was sent', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    serveNumbered(worker, { to: pool })
    await worker.flush()
    expect(await verdictOn(caller.exchange(numbered, { ...quick(9), failAfter: 0 }, { to: pool, body: nothing }), content(9, 20))).toEqual({ kind: 'refused', code: 'provider_failed', received: 0 })
    expect(await verdictOn(caller.exchange(numbered, { ...quick(9), everyMs: 2, failAfter: 5 }, { to: pool, body: nothing }), content(9, 20))).toEqual({ kind: 'broken', code: 'provider_failed', received: 100 })
  })

  test('a reader that leaves, and a caller that aborts, stop the work', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    const { observed, served } = serveNumbered(worker, { to: pool })
    await worker.flush()
    for await (const chunk of await caller.exchange(numbered, { count: 1000, bytesEach: 20, everyMs: 5 }, { to: pool, body: nothing })) {
      expect(Buffer.from(chunk).toString()).toContain(piece(0, 20))
      break
    }
    await until(() => observed.cancelled === 1, { what: 'the work to be cancelled' })
    const abort = new AbortController()
    const hanging = caller.exchange(numbered, { ...quick(2), hangAfter: 0 }, { to: pool, body: nothing, signal: abort.signal })
    await until(() => observed.started === 2, { what: 'the second to start' })
    abort.abort()
    await expect(hanging).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => observed.cancelled === 2, { what: 'the second to be cancelled' })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
    await until(() => served.inFlight <= 1, { what: 'the first to end' })
  })

  test('a worker at capacity refuses at once, another one of its pool takes over', async () => {
    const [caller, full, free] = [await join(), await join(), await join()]
    const pool = newPool()
    serveNumbered(full, { to: pool, capacity: 1 })
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the worker to be known' })
    const held = caller.exchange(numbered, { count: 200, bytesEach: 20, everyMs: 10 }, { to: pool, body: nothing })
    const running = await held
    await expect(caller.exchange(numbered, quick(1), { to: pool, body: nothing })).rejects.toMatchObject({ code: 'overloaded', details: { retryAfterMs: 1000 } })
    serveNumbered(free, { to: pool })
    await until(() => caller.workers(numbered, pool) === 2, { what: 'the second worker to be known' })
    for (let i = 0; i < 8; i++) expect((await verdictOn(caller.exchange(numbered, quick(2), { to: pool, body: nothing }), content(2, 20))).kind).toBe('exact')
    expect((await verdictOn(Promise.resolve(running), content(200, 20))).kind).toBe('exact')
  })

  test('the less loaded worker gets more of the work', async () => {
    const [caller, busy, idle] = [await join(), await join(), await join()]
    const pool = newPool()
    const slow = serveNumbered(busy, { to: pool, capacity: 100 })
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the first worker' })
    const abort = new AbortController()
    const held = Array.from({ length: 60 }, () => caller.exchange(numbered, { ...quick(1), hangAfter: 0 }, { to: pool, body: nothing, signal: abort.signal }).catch(() => {}))
    await until(() => slow.observed.started === 60, { what: 'the first worker to be busy' })
    const fast = serveNumbered(idle, { to: pool, capacity: 100 })
    await until(() => caller.workers(numbered, pool) === 2, { what: 'the second worker' })
    await sleep(300)
    for (let i = 0; i < 40; i++) await caller.exchange(numbered, quick(1), { to: pool, body: nothing })
    expect(fast.observed.started).toBeGreaterThan(2 * (slow.observed.started - 60))
    abort.abort()
    await Promise.all(held)
  })

  test('a caller that leaves has acknowledged all that it read: its worker need not wait for it to be given up', async () => {
    const [caller, worker] = [await place.bus(), await join()]
    const pool = newPool()
    const { served } = serveNumbered(worker, { to: pool })
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the worker to be known' })
    const answer = await caller.exchange(numbered, quick(3), { to: pool, body: nothing })
    for await (const __ of answer) continue
    await caller.close()
    // One who says nothing more is given up after five seconds.
    const late = sleep(4000, 'late')
    expect(await Promise.race([served.drain(), late])).toBeUndefined()
  })

  test('draining lets running work finish and takes no new work', async () => {
    const [caller, worker] = [await join(), await join()]
    const pool = newPool()
    const { served } = serveNumbered(worker, { to: pool })
    await until(() => caller.workers(numbered, pool) === 1, { what: 'the worker to be known' })
    const running = await caller.exchange(numbered, { count: 100, bytesEach: 20, everyMs: 5 }, { to: pool, body: nothing })
    const verdict = verdictOn(Promise.resolve(running), content(100, 20))
    const drained = served.drain()
    await expect(caller.exchange(numbered, quick(1), { to: pool, body: nothing })).rejects.toMatchObject({ code: 'unavailable' })
    await drained
    expect((await verdict).kind).toBe('exact')
  })

  test('a pool that nobody serves is known at once', async () => {
    const caller = await join()
    await expect(caller.exchange(numbered, quick(1), { to: 'nobody', body: nothing })).rejects.toMatchObject({ code: 'unavailable', details: { provider: 'nobody' } })
  })

  test('a handler that throws harms neither the connection nor what comes after', async () => {
    const [teller, listener] = [await join(), await join()]
    const failed: string[] = []
    const heard: string[] = []
    listener.onStatus(status => status.kind === 'handler_failed' && failed.push(status.subject))
    listener.on(happened, ({ what }) => {
      if (what === 'bad') throw new Error('a fault in a handler')
      heard.push(what)
    }, 'throws')
    await listener.flush()
    for (const what of ['one', 'bad', 'two']) teller.emit(happened, { what }, 'throws')
    await until(() => heard.length === 2, { what: 'the event after the fault' })
    expect(failed).toEqual(['gw.v1.evt.happened.throws'])
  })

  test('transports agree on wildcards, queue groups, missing listeners, the largest payload and delivery', async () => {
    const [sender, receiver] = [await connect(), await connect()]
    const got: string[] = []
    for (const pattern of ['x.*.c', 'x.>', 'x.b.c', 'x.b.*']) receiver.subscribe(pattern, () => got.push(pattern))
    for (const member of [1, 2]) receiver.subscribe('q.one', () => got.push(`q${member}`), 'w')
    await receiver.flush()
    let during = true
    sender.subscribe('own', () => expect(during).toBe(false))
    sender.publish('own', nothing)
    during = false
    sender.publish('x.b.c', nothing)
    sender.publish('x', nothing)
    for (let i = 0; i < 20; i++) sender.publish('q.one', nothing)
    await until(() => got.length === 24, { what: 'all messages' })
    expect(got.filter(pattern => pattern.startsWith('x')).toSorted()).toEqual(['x.*.c', 'x.>', 'x.b.*', 'x.b.c'])
    expect(new Set(got.filter(pattern => pattern.startsWith('q'))).size).toBe(2)
    const nobody = Promise.withResolvers<boolean>()
    sender.subscribe('answers.1', message => nobody.resolve(message.noResponders))
    await sender.flush()
    sender.publish('nobody.here', nothing, 'answers.1')
    expect(await nobody.promise).toBe(true)
    sender.publish('x.y', Buffer.alloc(sender.maxPayload))
    expect(() => sender.publish('x.y', Buffer.alloc(sender.maxPayload + 1))).toThrow(/over the bus limit/)
    await until(() => got.length === 25, { what: 'the largest payload' })
  })

  test('a closed transport takes nothing more', async () => {
    const transport = await place.transport()
    await transport.close()
    expect(transport.connected).toBe(false)
    expect(() => transport.publish('x', nothing)).toThrow(GatewayError)
  })
})
