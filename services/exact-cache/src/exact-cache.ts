import type { Subscribed } from '@gomodel/bus'
import { defineService, openRedis, type ServiceContext } from '@gomodel/service'
import { MemoryStore } from './memory-store.ts'
import { memoryMetrics } from './observe.ts'
import { presenceOf } from './presence.ts'
import { RedisStore } from './redis-store.ts'
import { serve } from './serve.ts'
import { settings } from './settings.ts'
import type { Store } from './store.ts'

const ONE_HOUR_MS = 3_600_000

/** Keeps answers under the key of everything that shaped them: in Redis, or in memory and then as the only one. */
export const exactCache = defineService({
  name: 'exact-cache',
  settings,
  async start(context) {
    const { bus, log, fail } = context
    const store = await openStore(context)
    const presence = presenceOf(store.kind, { bus, refuse: fail })
    let serving: Subscribed[] = []
    const begin = async () => {
      if (!(await presence.mayServe())) return
      serving = serve(store, context)
      await bus.flush()
      log.info({ store: store.kind }, 'serving')
    }
    const begun = begin()
    // While the bus is away nobody can ask: the start is not held up by it.
    if (bus.connected) await begun
    return {
      stop: async () => {
        await presence.stop()
        await Promise.all(serving.map(served => served.stop()))
        await store.close()
      },
    }
  },
})

async function openStore({ settings: given, log, metrics }: ServiceContext<typeof settings>): Promise<Store> {
  const ttlMs = given.ttlMs || ONE_HOUR_MS
  if (given.redis) {
    const connection = await openRedis(given.redis, { log, meanwhile: 'every lookup is a miss until it is back' })
    return new RedisStore({ connection, keyPrefix: given.keyPrefix, ttlMs })
  }
  const store = new MemoryStore({ limitBytes: given.memoryLimitBytes, ttlMs })
  memoryMetrics(metrics, store)
  return store
}
