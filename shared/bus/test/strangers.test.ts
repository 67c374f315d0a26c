import { describe, expect, test } from 'vitest'
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
})
