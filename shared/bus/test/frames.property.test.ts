import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Backlog } from '../src/backlog.ts'
import { bodyPrefix, decodeState, decodeStream, decodeWithJson, encodeState, encodeStream, encodeWithJson, KIND, NO_PREFIX, type StreamFrame } from '../src/frames.ts'
import { Receiver } from '../src/receiver.ts'
import { Sender } from '../src/sender.ts'
import { type Window, WindowPool } from '../src/windows.ts'
import { Channel, type Fate, fates } from './channel.ts'
import { piece } from './numbered.ts'

const STEP_MS = 10
const PROBE_EVERY = 30
const PATIENCE = 20_000
const MAX_FRAME = 3000

interface Plan {
  readonly down: readonly Fate[]
  readonly up: readonly Fate[]
  /** Sizes of the writes, in order. */
  readonly writes: readonly number[]
  /** Steps between two writes, and chunks read in a step: taken in turns. */
  readonly pauses: readonly number[]
  readonly reads: readonly number[]
  readonly patient: boolean
  readonly failing: boolean
  readonly poolBytes: number
}

const plans: fc.Arbitrary<Plan> = fc.record({
  down: fates,
  up: fates,
  writes: fc.array(fc.integer({ min: 8, max: 9000 }), { maxLength: 60 }),
  pauses: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 10 }),
  reads: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 10 }),
  patient: fc.boolean(),
  failing: fc.boolean(),
  poolBytes: fc.constantFrom(8 * 1024, 64 * 1024, 1024 * 1024),
})

type Up = { kind: 'state' | 'probe'; ack: number; granted: number } | { kind: 'resume'; from: number }
type Down = { kind: 'frame'; bytes: Buffer } | { kind: 'answer'; last: number }

/** Both ends of one stream with nothing between them but two channels; what `peer.ts` and `server.ts` do with them, in few lines. */
class Simulation {
  readonly pool: WindowPool
  readonly window: Window
  readonly sender: Sender
  readonly receiver = new Receiver()
  readonly down: Channel<Down>
  readonly up: Channel<Up>
  unread: Buffer[] = []
  received = ''
  closings: string[] = []
  heads: string[] = []
  consumed = 0
  sent = 0

  constructor(plan: Plan) {
    this.pool = new WindowPool(plan.poolBytes)
    this.window = this.pool.take()!
    this.sender = new Sender({ prefix: NO_PREFIX, granted: this.window.granted, maxFrame: MAX_FRAME })
    this.down = new Channel(plan.down)
    this.up = new Channel(plan.up)
  }

  flush(now: number): void {
    for (const bytes of this.sender.take()) {
      this.sent += decodeStream(bytes).data?.length ?? 0
      this.down.send({ kind: 'frame', bytes }, now)
    }
  }

  atSender(message: Up, now: number): void {
    if (message.kind === 'resume') for (const bytes of this.sender.resend(message.from)) this.down.send({ kind: 'frame', bytes }, now)
    else this.sender.acknowledge(message.ack, message.granted)
    if (message.kind === 'probe') this.down.send({ kind: 'answer', last: this.sender.last }, now)
  }

  atReceiver(message: Down, now: number): void {
    const behind = message.kind === 'answer' ? this.receiver.behind(message.last, now * STEP_MS) : this.#frame(decodeStream(message.bytes), now)
    if (behind) this.up.send({ kind: 'resume', from: this.receiver.ack + 1 }, now)
  }

  read(now: number): void {
    const chunk = this.unread.shift()
    if (!chunk) return
    this.received += chunk.toString()
    this.consumed += chunk.length
    if (this.window.consume(chunk.length)) this.up.send({ kind: 'state', ...this.state }, now)
  }

  get state() {
    return { ack: this.receiver.ack, granted: this.window.granted }
  }

  #frame(frame: StreamFrame, now: number): boolean {
    const verdict = this.receiver.accept(frame, now * STEP_MS)
    if (verdict === 'deliver') {
      if (frame.head) this.heads.push(frame.head.toString())
      if (frame.data) this.unread.push(frame.data)
      const closing = frame.end ?? frame.error
      if (closing) this.closings.push(`${frame.end ? 'end' : 'error'} ${closing.toString()}`)
    }
    return verdict === 'gap'
  }
}

const inTurn = (values: readonly number[], index: number) => values[index % values.length]!

function run(plan: Plan): Simulation {
  const simulation = new Simulation(plan)
  const { sender, receiver, window, pool } = simulation
  const largest = Math.max(8 * 1024, plan.poolBytes / 2)
  sender.head(Buffer.from('head'))
  let next = 0
  let pause = 0
  for (let now = 0; !(receiver.ended && simulation.unread.length === 0 && sender.settled); now++) {
    if (now > PATIENCE) throw new Error(`not over after ${now} steps: received up to ${receiver.ack} of ${sender.last}`)
    for (const message of simulation.up.arrived(now)) simulation.atSender(message, now)
    for (const message of simulation.down.arrived(now)) simulation.atReceiver(message, now)
    if (next <= plan.writes.length && (!plan.patient || !sender.blocked) && pause-- <= 0) {
      pause = inTurn(plan.pauses, next)
      if (next < plan.writes.length) sender.write(Buffer.from(piece(next, plan.writes[next]!)))
      else if (plan.failing) sender.fail(Buffer.from('why'))
      else sender.end(Buffer.from('fin'))
      next++
    }
    simulation.flush(now)
    for (let reads = inTurn(plan.reads, now) + (now > PATIENCE / 2 ? 1 : 0); reads > 0; reads--) simulation.read(now)
    if (now % PROBE_EVERY === 0) simulation.up.send({ kind: 'probe', ...simulation.state }, now)
    const kept = sender.resend(1).reduce((bytes, frame) => bytes + (decodeStream(frame).data?.length ?? 0), 0)
    if (simulation.sent > window.granted) throw new Error('more was sent than granted')
    if (simulation.sent - simulation.consumed > pool.grantedBytes || pool.grantedBytes > pool.totalBytes) throw new Error('more is on the way than the pool allows')
    if (kept > largest) throw new Error(`${kept} bytes are kept for a resend`)
  }
  return simulation
}

describe('a stream', () => {
  test('arrives exactly and ends once, whatever is lost, doubled, delayed or reordered on the way, within its window', () => {
    fc.assert(
      fc.property(plans, plan => {
        const simulation = run(plan)
        expect(simulation.received).toBe(plan.writes.map((bytes, index) => piece(index, bytes)).join(''))
        expect(simulation.closings).toEqual([plan.failing ? 'error why' : 'end fin'])
        expect(simulation.heads).toEqual(['head'])
      }),
      { numRuns: 1500 },
    )
  })

  test('a head and an end as large as a frame may be travel, each in a frame that is not larger', () => {
    const sections = fc.integer({ min: 0, max: MAX_FRAME }).map(bytes => Buffer.alloc(bytes, 'x'))
    fc.assert(
      fc.property(sections, sections, fc.integer({ min: 0, max: 3 * MAX_FRAME }), (head, end, bytes) => {
        const sender = new Sender({ prefix: NO_PREFIX, granted: 1e6, maxFrame: MAX_FRAME })
        sender.head(head)
        sender.write(Buffer.alloc(bytes))
        sender.end(end)
        const made = sender.take()
        const read = made.map(frame => decodeStream(frame))
        expect(Math.max(...made.map(frame => frame.length))).toBeLessThanOrEqual(MAX_FRAME + 20)
        expect(read[0]!.head).toEqual(head)
        expect(read.at(-1)!.end).toEqual(end)
        expect(read.reduce((total, frame) => total + (frame.data?.length ?? 0), 0)).toBe(bytes)
      }),
    )
  })
})

describe('a frame', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map(array => Buffer.from(array))
  const section = fc.option(bytes, { nil: undefined })
  const frames = fc.record({ seq: fc.integer({ min: 0, max: 0xffffffff }), head: section, pieces: fc.array(bytes, { maxLength: 4 }), end: section, error: section })
  const encoded = ({ seq, head, pieces, end, error }: { seq: number; head: Buffer | undefined; pieces: Buffer[]; end: Buffer | undefined; error: Buffer | undefined }, prefix = NO_PREFIX) =>
    encodeStream(prefix, seq, { head, data: pieces, dataBytes: Buffer.concat(pieces).length, end, error })

  test('is read as it was written, with every combination of sections and after a prefix', () => {
    fc.assert(
      fc.property(frames, fc.boolean(), (frame, prefixed) => {
        const prefix = prefixed ? bodyPrefix('a'.repeat(22)) : NO_PREFIX
        const data = Buffer.concat(frame.pieces)
        const { seq, head, end, error } = frame
        expect(decodeStream(encoded(frame, prefix), prefix.length)).toEqual({ seq, head, data: data.length > 0 ? data : undefined, end, error })
      }),
      { numRuns: 500 },
    )
  })

  test('that was cut short or is garbage is refused or read within its bounds', () => {
    const withinBounds = (message: Buffer) => {
      try {
        const { head, data, end, error } = decodeStream(message)
        expect([head, data, end, error].reduce((total, part) => total + (part?.length ?? 0), 0)).toBeLessThanOrEqual(message.length)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RangeError)
      }
      expect(decodeState(message).length * 38).toBeLessThanOrEqual(message.length)
      try {
        decodeWithJson(message)
      } catch (thrown) {
        expect(thrown instanceof RangeError || thrown instanceof SyntaxError).toBe(true)
      }
    }
    fc.assert(fc.property(frames, fc.nat(800), (frame, length) => withinBounds(encoded(frame).subarray(0, length))), { numRuns: 500 })
    fc.assert(fc.property(bytes, withinBounds), { numRuns: 500 })
  })

  test('of state or with JSON is read as it was written', () => {
    const number = fc.integer({ min: 0, max: 0xffffffff })
    const entry = fc.record({ attempt: fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 22, maxLength: 22 }), ack: number, granted: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), last: number })
    fc.assert(
      fc.property(fc.array(entry), entries => {
        expect(decodeState(encodeState(entries))).toEqual(entries)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), bytes, (json, raw) => {
        expect(decodeWithJson(encodeWithJson(KIND.open, json, raw))).toEqual({ json: JSON.parse(JSON.stringify(json)), raw })
      }),
    )
  })
})

test('what waits for its reader is the same bytes, without the socket reads that they came in', () => {
  const READ = 64 * 1024
  const step = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 300 }) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: READ }) }, { weight: 1, arbitrary: fc.constant(0) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const backlog = new Backlog()
      let [next, put, got] = [0, '', '']
      const waiting: Buffer[] = []
      for (const size of steps) {
        if (size > 0) {
          const bytes = Buffer.allocUnsafeSlow(READ).subarray(0, size)
          bytes.fill(String.fromCodePoint(97 + (next++ % 26)))
          backlog.push(bytes, false)
          put += bytes.toString()
        } else got += backlog.shift()?.toString() ?? ''
      }
      for (let chunk = backlog.shift(); chunk; chunk = backlog.shift()) waiting.push(chunk)
      got += Buffer.concat(waiting).toString()
      expect(got === put).toBe(true)
      const held = [...new Set(waiting.map(chunk => chunk.buffer))].reduce((total, buffer) => total + buffer.byteLength, 0)
      const content = waiting.reduce((total, chunk) => total + chunk.length, 0)
      // Each piece that is a quarter of its read or more may be followed by a block of its own.
      expect(held).toBeLessThanOrEqual(4.25 * content + Buffer.poolSize + 4096)
    }),
  )
})

describe('a pool of windows', () => {
  const steps = fc.array(fc.record({ action: fc.constantFrom('open', 'open', 'read', 'read', 'read', 'close'), which: fc.nat(), share: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 400 })

  test('never grants above its total and never starves a stream whose reader reads', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(8 * 1024, 40 * 1024, 1024 * 1024), (actions, totalBytes) => {
        const pool = new WindowPool(totalBytes)
        const open: { window: Window; consumed: number }[] = []
        for (const { action, which, share } of actions) {
          const stream = open[which % Math.max(1, open.length)]
          const window = action === 'open' ? pool.take() : undefined
          if (window) open.push({ window, consumed: 0 })
          if (action === 'read' && stream) {
            const bytes = Math.floor((stream.window.granted - stream.consumed) * share)
            stream.consumed += bytes
            stream.window.consume(bytes)
          }
          if (action === 'close' && stream) {
            stream.window.close()
            open.splice(open.indexOf(stream), 1)
          }
          const outstanding = open.reduce((total, { window: held, consumed }) => total + held.granted - consumed, 0)
          expect(outstanding).toBeLessThanOrEqual(pool.grantedBytes)
          expect(pool.grantedBytes).toBeLessThanOrEqual(totalBytes)
          expect(pool.open).toBe(open.length)
        }
        for (const stream of open) {
          const before = stream.window.granted
          stream.window.consume(before - stream.consumed)
          expect(stream.window.granted).toBeGreaterThan(before)
        }
        for (const { window } of open) window.close()
        expect(pool.grantedBytes).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('has room for thousands of streams that were opened at once, also when some of them hold large windows', () => {
    const pool = new WindowPool()
    const first = Array.from({ length: 200 }, () => ({ window: pool.take()!, consumed: 0 }))
    const read = (stream: { window: Window; consumed: number }) => {
      const bytes = Math.ceil((stream.window.granted - stream.consumed) / 2)
      stream.consumed += bytes
      stream.window.consume(bytes)
    }
    for (const stream of first) for (let i = 0; i < 100; i++) read(stream)
    let opened = first.length
    while (pool.take()) opened++
    expect(opened).toBeGreaterThan(2000)
    expect(pool.grantedBytes).toBeLessThanOrEqual(pool.totalBytes)
    // What a reader frees is taken at once by new streams; it must get new credit all the same.
    for (const stream of first) {
      const before = stream.window.granted
      for (let i = 0; i < 100 && stream.window.granted === before; i++) {
        read(stream)
        while (pool.take()) opened++
      }
      expect(stream.window.granted).toBeGreaterThan(before)
    }
    expect(pool.grantedBytes).toBeLessThanOrEqual(pool.totalBytes)
  })
})
