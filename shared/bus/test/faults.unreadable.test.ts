import { until } from '@gomodel/testing'
import { describe, expect, test } from 'vitest'
import { BODY_OFFSET, decodeStream, isStream, KIND } from '../src/frames.ts'
import { known, tally, tell } from './actors.ts'
import { lossyPair } from './lossy-pair.ts'
import { numbered, serveNumbered } from './numbered.ts'

const short = { count: 20, bytesEach: 40, everyMs: 1 }

describe('what nobody can read', () => {
  test.each([
    'null', 'true', '7', '"busy"', '[]', '{}', 'no JSON', '', '{"inFlight":1,"capacity":10}', '{"inFlight":-1,"capacity":10,"draining":false}',
    '{"inFlight":1,"capacity":0,"draining":false}', '{"inFlight":null,"capacity":10,"draining":false}', '{"inFlight":1,"capacity":10,"draining":"no"}',
  ])('as a load report, %s, leaves what is known as it was', async report => {
    const { caller, worker, pool } = lossyPair()
    const { served } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    for (const from of ['stranger', served.worker]) worker.transport.publish(`gw.v1.load.numbered.${pool}.${from}`, Buffer.from(report))
    await worker.flush()
    expect(caller.workers(numbered, pool)).toBe(1)
    expect(tally(await Promise.all(Array.from({ length: 8 }, () => tell(caller, pool, short))))).toEqual({ exact: 8 })
  })

  test('as a load report does not end the caller that looks for another worker', async () => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    worker.transport.publish(`gw.v1.load.numbered.${pool}.stranger`, Buffer.from('null'))
    worker.transport.loses = ({ subject }) => subject.startsWith('_R.')
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'refused', code: 'unavailable' })
    worker.transport.loses = () => false
    await known(caller, pool, 1)
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
  })
  test.each([
    { what: 'its lengths', spoilt: (frame: Buffer) => Buffer.from(frame).fill(0xff, 5, 9) },
    { what: 'a length that is cut off', spoilt: (frame: Buffer) => frame.subarray(0, 7) },
  ])('of the frame that is due ends its answer at once: $what', async ({ spoilt }) => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    const { transport } = worker
    const publish = transport.publish.bind(transport)
    transport.publish = (subject, data, reply) => publish(subject, isStream(Buffer.from(data)) ? spoilt(Buffer.from(data)) : data, reply)
    await known(caller, pool, 1)
    expect(await tell(caller, pool, { ...short, count: 1 })).toMatchObject({ kind: 'refused', code: 'internal' })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0, resumes: 0 })
  })

  // All at the same time: a hundred times in vain take seconds.
  test('a frame that does not come however often it is asked for ends its answer, and a piece of a body its request alone', async () => {
    const [first, later, body] = await Promise.all([withoutFrame(1), withoutFrame(3), withoutPiece()])
    expect(first).toMatchObject({ kind: 'refused', code: 'unavailable' })
    expect(later).toMatchObject({ kind: 'broken', code: 'stream_broken' })
    expect(body).toMatchObject({ kind: 'refused', code: 'internal' })
  }, 60_000)

  /** What becomes of an answer one of whose frames is lost whenever it is sent. */
  async function withoutFrame(wanted: number) {
    const { caller, worker, pool } = lossyPair()
    const { observed } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    worker.transport.loses = ({ data }) => isStream(data) && decodeStream(data).seq === wanted
    const outcome = await tell(caller, pool, { count: 700, bytesEach: 8, everyMs: 20 })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
    await until(() => observed.cancelled === 1, { what: 'the work to be cancelled' })
    return outcome
  }

  /** And of a request whose body lacks a piece. */
  async function withoutPiece() {
    const { caller, worker, pool } = lossyPair()
    const { served } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    caller.transport.loses = ({ data }) => data[0] === KIND.body && decodeStream(data, BODY_OFFSET).seq === 2
    const outcome = await tell(caller, pool, short, { body: Buffer.alloc(600 * 1024) })
    await until(() => served.inFlight === 0, { what: 'nothing to be left at the worker' })
    expect(worker.counts.grantedBytes).toBe(0)
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
    return outcome
  }
})
