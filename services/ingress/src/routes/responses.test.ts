import { GatewayError, type KeptResponse, RESPONSE_POOL, exactInvalidate, responseDelete, responseGet } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { relayingServer } from '../fixtures/relaying.ts'
import { recordOf } from '../responses/record.ts'

const ENTRY = 'e'.repeat(43)
const RECORD = recordOf(Buffer.from('{"id":"resp_1","object":"response"}'), Buffer.from('{"input":"hello"}'))

/** A server with one kept response, and all that is done when it is deleted, in order. */
async function keeping(keeper: KeptResponse['keeper'], { entry = ENTRY, status = 200, away = false }: { entry?: string | null; status?: number; away?: boolean } = {}) {
  const done: string[] = []
  const told = { status, body: status === 200 ? { id: 'resp_1', object: 'response', deleted: true } : { error: { message: 'what it says' } } }
  const answer = ({ method }: { method: string }) => {
    done.push(`${method} at its provider`)
    return told
  }
  const { workers, json } = await relayingServer({ openai: { resources: ['responses'], answer } }, { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' })
  workers.serveExchange(responseGet, { to: RESPONSE_POOL }, async call => {
    call.head({ kept: { tenant: 'master', instance: 'openai', keeper, createdAt: 1, ...(entry !== null && { entry }) } })
    if (keeper === 'gateway') call.write(RECORD)
    return {}
  })
  workers.serve(responseDelete, async ({ request: { id } }) => {
    done.push(`forget ${id}`)
    if (away) throw new GatewayError('unavailable', 'the store is away')
    return { reply: { deleted: true } }
  })
  workers.serve(exactInvalidate, async ({ request: { which } }) => {
    done.push('entry' in which ? `invalidate ${which.entry}` : 'invalidate something else')
    return { reply: { matched: 1, removed: 1 } }
  })
  return { done, deleted: () => json('/v1/responses/resp_1', { method: 'DELETE' }) }
}

describe('a response that is deleted', () => {
  test.each([
    ['gateway', []],
    ['provider', ['DELETE at its provider']],
  ] as const)('and kept by the %s is out of the caches before it is gone: no equal request is given its id afterwards', async (keeper, there) => {
    const { done, deleted } = await keeping(keeper)
    expect(await deleted()).toMatchObject({ status: 200, body: { id: 'resp_1', object: 'response', deleted: true } })
    expect(done).toEqual([`invalidate ${ENTRY}`, ...there, 'forget resp_1'])
  })

  test.each(['gateway', 'provider'] as const)('and cannot be forgotten, for the store is away, is out of the caches all the same, kept by the %s', async keeper => {
    const { done, deleted } = await keeping(keeper, { away: true })
    expect((await deleted()).status).toBe(503)
    expect(done).toContain(`invalidate ${ENTRY}`)
  })

  test.each([404, 500])('is out of the caches and not forgotten when its provider answers %i', async status => {
    const { done, deleted } = await keeping('provider', { status })
    expect(await deleted()).toMatchObject({ status, body: { error: { message: 'what it says' } } })
    expect(done).toEqual([`invalidate ${ENTRY}`, 'DELETE at its provider'])
  })

  test.each(['gateway', 'provider'] as const)('goes where it is not known what it is in the caches, kept by the %s', async keeper => {
    const { done, deleted } = await keeping(keeper, { entry: null })
    expect((await deleted()).status).toBe(200)
    expect(done.filter(one => one.startsWith('invalidate'))).toEqual([])
    expect(done.at(-1)).toBe('forget resp_1')
  })
})
