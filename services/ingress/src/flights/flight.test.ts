import { setImmediate as turn } from 'node:timers/promises'
import { type Flown, GatewayError } from '@gomodel/contracts'
import { assert, array, asyncProperty, integer, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CollectorBudget } from '../collector.ts'
import { Flight, type Source } from './flight.ts'
import type { FlightReader } from './flight-reader.ts'

const HEAD: Flown = { provider: 'openai', model: 'gpt', fallback: false, form: 'stream', includeUsage: false }
const MIB = 1024 * 1024
const budgetOf = (maxEntryBytes = MIB) => new CollectorBudget({ maxEntryBytes, maxTotalBytes: 4 * MIB })
const forEver = () => new AbortController()

/** A source that tells how far it was read, and how it ended. */
function sourceOf(pieces: Iterable<Uint8Array>, failure?: unknown) {
  const told = { read: 0, over: [] as unknown[] }
  const source: Source = {
    head: HEAD,
    bytes: (async function* () {
      for (const piece of pieces) {
        told.read++
        yield piece
      }
      if (failure !== undefined) throw failure
    })(),
    end: { natural: true },
    over: how => told.over.push(how),
  }
  return { source, told }
}

const textPieces = (...texts: string[]) => texts.map(text => Buffer.from(text))

async function all(reader: FlightReader): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  await reader.opened()
  for await (const chunk of reader) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a flight', () => {
  test('gives every reader every byte, whenever it comes and however slowly it reads', async () => {
    await assert(asyncProperty(array(uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 20 }), array(integer({ min: 0, max: 5 }), { maxLength: 6 }), async (pieces, waits) => {
      const { source, told } = sourceOf(pieces)
      const flight = new Flight({ budget: budgetOf() })
      const first = all(flight.join(forEver())!)
      void flight.begin(() => Promise.resolve(source))
      const others = waits.map(async wait => {
        for (let at = 0; at < wait; at++) await turn()
        return all(flight.join(forEver())!)
      })
      for (const got of await Promise.all([first, ...others])) expect(got.equals(Buffer.concat(pieces))).toBe(true)
      expect(told.over).toEqual([undefined])
    }), { numRuns: 50 })
  })

  test('is read no faster than its fastest reader, and one who does not read slows nobody', async () => {
    const { source, told } = sourceOf(textPieces('a', 'b', 'c', 'd'))
    const flight = new Flight({ budget: budgetOf() })
    const [fast, slow] = [flight.join(forEver())!, flight.join(forEver())!]
    void flight.begin(() => Promise.resolve(source))
    await Promise.all([fast.opened(), slow.opened()])
    await turn()
    expect(told.read).toBe(0)
    await fast.next()
    await fast.next()
    await turn()
    expect(told.read).toBe(2)
    expect((await all(fast)).toString()).toBe('cd')
    expect((await all(slow)).toString()).toBe('abcd')
  })

  test('goes on when one leaves, and ends when all did', async () => {
    const { source, told } = sourceOf(textPieces('a', 'b', 'c'))
    const flight = new Flight({ budget: budgetOf() })
    const leaving = [new AbortController(), new AbortController()]
    const [one, other] = leaving.map(client => flight.join(client)!)
    let signal: AbortSignal | undefined
    void flight.begin(given => Promise.resolve(source).finally(() => (signal = given)))
    await Promise.all([one!.opened(), other!.opened()])
    leaving[0]!.abort()
    await expect(one!.next()).rejects.toMatchObject({ code: 'cancelled' })
    expect((await other!.next()).value?.toString()).toBe('a')
    expect(signal?.aborted).toBe(false)
    leaving[1]!.abort()
    expect(signal?.aborted).toBe(true)
    expect([flight.over, flight.abandoned, flight.join(forEver())]).toEqual([true, true, undefined])
    expect(told.over).toMatchObject([{ code: 'cancelled' }])
  })

  test('of a whole answer is over with its one piece, whether or not its source ends', async () => {
    const over: unknown[] = []
    const bytes = (async function* () {
      yield Buffer.from('all')
      await new Promise(() => {})
    })()
    const flight = new Flight({ budget: budgetOf() })
    const readers = [flight.join(forEver())!, flight.join(forEver())!]
    void flight.begin(() => Promise.resolve({ head: { ...HEAD, form: 'whole' }, bytes, end: { natural: true }, over: how => over.push(how) }))
    expect((await Promise.all(readers.map(all))).map(String)).toEqual(['all', 'all'])
    expect([flight.over, flight.failure, over]).toEqual([true, undefined, [undefined]])
  })

  test('that everybody left before it set out calls nobody', async () => {
    const flight = new Flight()
    const leaving = new AbortController()
    flight.join(leaving)
    leaving.abort()
    let asked = 0
    await flight.begin(() => Promise.reject(new Error(`asked ${++asked}`)))
    expect(asked).toBe(0)
    expect(flight.over).toBe(true)
  })

  test.each([['before', []], ['after', textPieces('a')]])('that fails %s its first content tells all of them the same', async (when, pieces) => {
    const failure = new GatewayError('provider_failed', 'no')
    const flight = new Flight({ budget: budgetOf() })
    const readers = [flight.join(forEver())!, flight.join(forEver())!]
    void flight.begin(() => (when === 'before' ? Promise.reject(failure) : Promise.resolve(sourceOf(pieces, failure).source)))
    for (const reader of readers) await expect(all(reader)).rejects.toBe(failure)
    expect(flight.failure).toBe(failure)
  })
})

describe('an answer that is too large to be kept', () => {
  const large = (count: number) => Array.from({ length: count }, (_, at) => Buffer.alloc(64 * 1024, at))

  test('reaches whoever was there, byte for byte, and takes nobody in', async () => {
    const pieces = large(64)
    const flight = new Flight({ budget: budgetOf(100_000) })
    const readers = [flight.join(forEver())!, flight.join(forEver())!]
    void flight.begin(() => Promise.resolve(sourceOf(pieces).source))
    for (const reader of readers) await reader.opened()
    const got = readers.map(all)
    for (const bytes of await Promise.all(got)) expect(bytes.equals(Buffer.concat(pieces))).toBe(true)
    expect(flight.tape.whole).toBeUndefined()
    expect(flight.join(forEver())).toBeUndefined()
  })

  test('ends for one who is far behind, with an error that says so, and for nobody else', async () => {
    const pieces = large(64)
    const flight = new Flight({ budget: budgetOf(100_000) })
    const [fast, slow] = [flight.join(forEver())!, flight.join(forEver())!]
    void flight.begin(() => Promise.resolve(sourceOf(pieces).source))
    await slow.opened()
    expect((await slow.next()).done).toBe(false)
    expect((await all(fast)).length).toBe(64 * 64 * 1024)
    await expect(slow.next()).rejects.toMatchObject({ code: 'stream_broken', message: expect.stringContaining('slower than others') })
  })

  test('gives its memory back', async () => {
    const budget = budgetOf()
    for (const count of [1, 64]) {
      const flight = new Flight({ budget })
      const reader = flight.join(forEver())!
      void flight.begin(() => Promise.resolve(sourceOf(large(count)).source))
      await all(reader)
      flight.close()
    }
    expect(budget.take(4 * MIB)).toBe(true)
  })
})
