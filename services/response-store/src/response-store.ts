import { resolve } from 'node:path'
import { defineService, openRedis, type ServiceContext } from '@gomodel/service'
import { DiskStore } from './disk-store.ts'
import { diskMetrics } from './observe.ts'
import { presenceOf } from './presence.ts'
import { RedisStore } from './redis-store.ts'
import { serve } from './serve.ts'
import { settings } from './settings.ts'
import type { Store } from './store.ts'

const SWEEP_MS = 60_000

/** Keeps responses by id and tenant, so that clients can fetch them and go on from them: in Redis, or on the disk and then as the only one. */
export const responseStore = defineService({
  name: 'response-store',
  settings,
  async start(context) {
    const { bus, log, fail } = context
    const { store, sweep } = await openStore(context)
    const sweeping = setInterval(() => void sweep(), SWEEP_MS)
    const presence = presenceOf(store.kind, { bus, refuse: fail })
    let silence: (() => Promise<void>) | undefined
    const begin = async () => {
      if (!(await presence.mayServe())) return
      silence = serve(store, context)
      await bus.flush()
      log.info({ store: store.kind }, 'serving')
    }
    const begun = begin()
    // While the bus is away nobody can ask: the start is not held up by it.
    if (bus.connected) await begun
    return {
      stop: async () => {
        clearInterval(sweeping)
        await presence.stop()
        await silence?.()
        await store.close()
      },
    }
  },
})

async function openStore({ settings: given, log, metrics, fail }: ServiceContext<typeof settings>): Promise<{ store: Store; sweep: () => Promise<void> }> {
  const { ttlMs } = given
  if (given.redis) {
    const connection = await openRedis(given.redis, { log, meanwhile: 'responses are neither kept nor found until it is back' })
    return { store: new RedisStore({ connection, keyPrefix: given.keyPrefix, ttlMs }), sweep: () => Promise.resolve() }
  }
  const folder = resolve(given.dataDir, 'responses')
  const store = await DiskStore.open({ folder, ttlMs, limitBytes: given.diskLimitBytes, log, now: Date.now }).catch((thrown: unknown) => {
    fail(`responses are to be kept in ${folder} (DATA_DIR), which cannot be used: ${(thrown as { code?: string }).code ?? 'it failed'}; or set REDIS_URL`)
    throw thrown
  })
  diskMetrics(metrics, store)
  return { store, sweep: () => store.sweep() }
}
