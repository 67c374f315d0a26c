import { GatewayError } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { describe, expect, test } from 'vitest'
import { decodeStream, isStream, KIND } from '../src/frames.ts'
import { known, nothing, tally, tell } from './actors.ts'
import { lossyPair } from './lossy-pair.ts'
import { numbered, serveNumbered } from './numbered.ts'

const KB = 1024

const none = { framesIn: 0, framesOut: 0, credits: 0, resumes: 0, lateFrames: 0, retries: 0, inFlight: 0, grantedBytes: 0 }

describe('a participant counts', () => {
  test('nothing while nothing happens', () => {
    const { caller, worker } = lossyPair()
    expect([caller.counts, worker.counts]).toEqual([none, none])
  })

  test('the frames of an answer where they leave and where they arrive, and the credit given for them', async () => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    expect(tally([await tell(caller, pool, { count: 200, bytesEach: 4 * KB, everyMs: 0 })])).toEqual({ exact: 1 })
    const { framesIn, credits } = caller.counts
    expect(framesIn).toBeGreaterThan(5)
    expect(credits).toBeGreaterThan(0)
    expect(worker.counts.framesOut).toBe(framesIn)
    expect([caller.counts.framesOut, worker.counts.framesIn, caller.counts.resumes, caller.counts.retries]).toEqual([0, 0, 0, 0])
  })

  test('the frames of a large request body', async () => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    expect(tally([await tell(caller, pool, { count: 1, bytesEach: 10, everyMs: 0 }, { body: Buffer.alloc(900 * KB) })])).toEqual({ exact: 1 })
    expect(caller.counts.framesOut).toBeGreaterThan(5)
    expect(worker.counts.framesIn).toBe(caller.counts.framesOut)
    expect(worker.counts.credits).toBeGreaterThan(0)
  })

  test('the resends that it asks for', async () => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    worker.transport.loses = ({ data }) => worker.transport.lost === 0 && isStream(data) && decodeStream(data).seq === 2
    expect(tally([await tell(caller, pool, { count: 50, bytesEach: 20, everyMs: 1 })])).toEqual({ exact: 1 })
    expect(worker.transport.lost).toBe(1)
    expect(caller.counts.resumes).toBeGreaterThan(0)
    expect(worker.counts.resumes).toBe(0)
  })

  test('the attempts that go to another worker', async () => {
    const { caller, worker, pool } = lossyPair()
    const refuse = () => Promise.reject(new GatewayError('overloaded', 'no room'))
    worker.serveExchange(numbered, { to: pool }, refuse)
    worker.serveExchange(numbered, { to: pool }, refuse)
    await until(() => caller.workers(numbered, pool) === 2, { what: 'both workers to be known', timeoutMs: 15_000 })
    expect(tally([await tell(caller, pool, { count: 1, bytesEach: 10, everyMs: 0 })])).toEqual({ 'refused overloaded': 1 })
    expect(caller.counts.retries).toBe(1)
  })

  test('what comes after it left, because its word of that was lost', async () => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    caller.transport.loses = ({ data }) => caller.transport.lost === 0 && data[0] === KIND.cancel
    const leaving = new AbortController()
    await tell(caller, pool, { count: 1000, bytesEach: 20, everyMs: 1 }, { signal: leaving.signal, read: () => leaving.abort() })
    await until(() => caller.counts.lateFrames > 0, { what: 'a late frame', timeoutMs: 15_000 })
  })
  test.each([
    { how: 'fails', ends: () => Promise.reject(new GatewayError('invalid_request', 'no')) },
    { how: 'answers', ends: async () => ({ count: 0, bodyBytes: 0, bodySum: 0 }) },
  ])('no credit any more for a large body when its handler $how before it came', async ({ ends }) => {
    const { caller, worker, pool } = lossyPair()
    const served = worker.serveExchange(numbered, { to: pool }, call => {
      call.head({ pid: 1 })
      return ends()
    })
    await known(caller, pool, 1)
    const body = Buffer.alloc(600 * KB)
    for (let i = 0; i < 20; i++) await caller.exchange(numbered, { count: 0, bytesEach: 20, everyMs: 0 }, { to: pool, body }).catch(() => {})
    await until(() => served.inFlight === 0, { what: 'nothing to be left' })
    expect([caller.counts.grantedBytes, worker.counts.grantedBytes]).toEqual([0, 0])
  })
  test('no credit for what is sent to a pool whose name no subject can hold', async () => {
    const { caller } = lossyPair()
    const sent = caller.exchange(numbered, { count: 1, bytesEach: 20, everyMs: 0 }, { to: 'a.b', body: nothing })
    await expect(sent).rejects.toMatchObject({ code: 'internal' })
    expect(caller.counts).toEqual(none)
  })
})
