import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as pathOf } from 'node:path'
import { Bus, InProcessBroker, openBus } from '@gomodel/bus'
import { startNats, startRedis, until } from '@gomodel/testing'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { KEPT, bytesOf, forget, get, put, startService } from './fixtures/service.ts'

const patiently = { timeoutMs: 20_000 }
const MIB = 1024 * 1024

type Join = (name: string) => Bus

const transports: [string, () => Promise<Join>][] = [
  ['the in-process bus', async () => {
    const broker = new InProcessBroker()
    return name => new Bus(broker.connect(), name)
  }],
  ['NATS', async () => {
    const nats = await startNats()
    onTestFinished(() => nats.stop())
    return name => openBus(nats.url, name)
  }],
]

async function folder(): Promise<string> {
  const path = await mkdtemp(pathOf(tmpdir(), 'gomodel-responses-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const stores: [string, () => Promise<Record<string, string>>][] = [
  ['the disk', async () => ({ DATA_DIR: await folder() })],
  ['Redis', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    return { REDIS_URL: redis.url }
  }],
]

async function joined(join: Join, name: string): Promise<Bus> {
  const bus = join(name)
  onTestFinished(() => bus.close())
  await until(() => bus.connected, { what: 'the bus', ...patiently })
  return bus
}

/** A response store on a bus, and an ingress beside it; resolves when a response can be kept. */
async function served(join: Join, environment: Record<string, string>) {
  const ingress = await joined(join, 'ingress')
  const service = await startService(await joined(join, 'response-store'), environment)
  await until(async () => (await put(ingress, 'first', {})) === 'stored', { what: 'the store', ...patiently })
  return { ingress, service }
}

describe.each(transports)('over %s', (_, transport) => {
  describe.each(stores)('with %s', (kind, environment) => {
    let join: Join
    let given: Record<string, string>

    beforeEach(async () => {
      join = await transport()
      given = await environment()
    })

    test.each([0, 5, 3 * MIB])('a response of %i bytes is found again, until it is forgotten', async length => {
      const { ingress } = await served(join, given)
      const body = bytesOf(length)
      expect(await put(ingress, 'resp_1', { body })).toBe('stored')
      const found = await get(ingress, 'resp_1')
      expect(found.kept).toEqual(KEPT)
      expect(found.body.equals(body)).toBe(true)
      expect(await forget(ingress, 'resp_1')).toBe(true)
      expect(await get(ingress, 'resp_1')).toEqual({ kept: undefined, body: Buffer.alloc(0) })
      expect(await forget(ingress, 'resp_1')).toBe(false)
    })

    test('a response of another tenant is neither found nor forgotten', async () => {
      const { ingress } = await served(join, given)
      await put(ingress, 'resp_1', { body: Buffer.from('mine') })
      expect((await get(ingress, 'resp_1', 'b')).kept).toBeUndefined()
      expect(await forget(ingress, 'resp_1', 'b')).toBe(false)
      await put(ingress, 'resp_1', { body: Buffer.from('another'), kept: { ...KEPT, tenant: 'b' } })
      expect((await get(ingress, 'resp_1')).body.toString()).toBe('mine')
    })

    test('one that is too large is not kept, and said to be', async () => {
      const { ingress, service } = await served(join, { ...given, RESPONSE_STORE_MAX_ENTRY: '2K' })
      expect(await put(ingress, 'resp_1', { body: bytesOf(2049) })).toBe('too_large')
      expect((await get(ingress, 'resp_1')).kept).toBeUndefined()
      expect(await put(ingress, 'resp_1', { body: bytesOf(2048) })).toBe('stored')
      expect(await service.metrics.metrics()).toMatch(/gateway_response_store_operations_total\{operation="put",verdict="too_large"\} 1/)
    })

    test('outlives the one who kept it', async () => {
      const { ingress, service } = await served(join, given)
      await put(ingress, 'resp_1', { body: Buffer.from('kept') })
      await service.stop()
      await expect(get(ingress, 'resp_1')).rejects.toMatchObject({ code: 'unavailable' })
      const next = await startService(await joined(join, 'response-store'), given)
      expect(next.failures).toEqual([])
      const found = await until(async () => (await get(ingress, 'resp_1').catch(() => undefined))?.body, { what: 'the store', ...patiently })
      expect(found.toString()).toBe('kept')
      expect(kind === 'Redis' || (await next.metrics.metrics()).includes('gateway_response_store_disk_entries 2')).toBe(true)
    })

    test('a second one stays only where both have Redis', async () => {
      const { service } = await served(join, given)
      const second = await startService(await joined(join, 'response-store'), kind === 'Redis' ? given : { DATA_DIR: await folder() })
      expect(service.failures).toEqual([])
      if (kind === 'Redis') expect(second.failures).toEqual([])
      else expect(second.failures).toEqual([expect.stringMatching(/^another response-store is on the bus.*set REDIS_URL/)])
    })
  })

  test('a Redis that is gone is said to be: nothing is kept, and asking is an error', async () => {
    const join = await transport()
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const { ingress } = await served(join, { REDIS_URL: redis.url })
    await redis.stop()
    await until(async () => (await put(ingress, 'resp_1', {})) === 'unavailable', { what: 'the loss to be noticed', ...patiently })
    await expect(get(ingress, 'first')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(forget(ingress, 'first')).rejects.toMatchObject({ code: 'unavailable' })
  })
})
