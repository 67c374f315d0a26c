import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startRedis, startUpstream } from '@gomodel/testing'
import { listed, startCluster } from '../gateway.ts'
import { exactHit, type ExactHit } from './exact-hit.ts'
import { raceMiss, type RaceMiss } from './race-miss.ts'

/** How long the scripted provider thinks: less than any real one, and longer than a look into the semantic cache. */
export const PROVIDER_MS = 25

const EMBEDDER = 'simulated-embedding-hashed-ngrams'
const EXACT = { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }
const SEMANTIC = {
  SEMANTIC_CACHE_ENABLED: 'true',
  SEMANTIC_CACHE_DISPATCH: 'race',
  SEMANTIC_CACHE_EMBEDDER_PROVIDER: 'simulator',
  SEMANTIC_CACHE_EMBEDDER_MODEL: EMBEDDER,
}

/** What gateways of separate processes add. */
export interface GatewayTimes {
  readonly exactHit: ExactHit
  readonly raceMiss: RaceMiss
}

/** Starts nats-server, redis-server and a process of each service, the semantic cache for the second measure only, and asks by one client that does one thing at a time. */
export async function gatewayTimes(seed: number): Promise<GatewayTimes> {
  await using stack = new AsyncDisposableStack()
  const upstream = await startUpstream(() => ({ headDelayMs: PROVIDER_MS }), ['gpt-test'])
  stack.defer(() => upstream.stop())
  const redis = await startRedis()
  stack.defer(() => redis.stop())
  const caches = [{ REDIS_URL: redis.url }]
  const hitTimes = async (): Promise<ExactHit> => {
    await using cluster = await startCluster(upstream, { env: EXACT, caches })
    // Waited for here: the cluster goes with this block.
    return await exactHit(cluster.url)
  }
  const missTimes = async (): Promise<RaceMiss> => {
    const folder = mkdtempSync(join(tmpdir(), 'gomodel-bench-cache-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    const port = String(await freePort())
    await using cluster = await startCluster(upstream, { env: { ...EXACT, ...SEMANTIC }, caches, semantic: [{ DATA_DIR: folder, METRICS_PORT: port }] })
    // Embedders are elsewhere: what this one computes is not to keep the worker from calling the provider.
    await cluster.startWorker({ OPENAI_API_KEY: undefined, SIMULATOR_ENABLED: 'true' })
    await listed(cluster.url, `simulator/${EMBEDDER}`)
    return await raceMiss(cluster.url, { metricsUrl: `http://127.0.0.1:${port}`, seed })
  }
  return { exactHit: await hitTimes(), raceMiss: await missTimes() }
}
