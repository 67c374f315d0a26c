import type { Bus, Subscribed } from '@gomodel/bus'
import { GatewayError, semanticLookup, semanticPresent } from '@gomodel/contracts'
import { ConfigurationError, Invalidations, Presence, type Running, type ServiceContext } from '@gomodel/service'
import { Embedder } from './embedder.ts'
import { guardsFor } from './guards/index.ts'
import { SemanticLayer } from './layer.ts'
import { serve } from './serve.ts'
import type { settings, SemanticCacheSettings } from './settings.ts'
import { storeSettings } from './store-settings.ts'
import { openStore } from './stores/index.ts'

const NOTHING = { question: { partition: '-'.repeat(43), text: '-' } }

/** Serves the semantic cache as it is configured, from now on. */
export function runCache(context: ServiceContext<typeof settings>): Running {
  const { settings: given, bus, log, fail } = context
  const embedding = embeddingOf(given)
  const store = openStore(storeSettings(given), log)
  const invalidations = new Invalidations()
  const layer = new SemanticLayer({
    embedder: new Embedder(bus, embedding),
    store,
    embedding: `${embedding.instance}/${embedding.model}`,
    policy: { mode: given.mode, threshold: given.threshold },
    vetoFor: guardsFor,
    invalidations,
    now: Date.now,
  })
  // All but PostgreSQL keep the bytes of answers in a file of this instance.
  const presence = new Presence(given.storeType === 'pgvector' ? 'redis' : 'disk', {
    bus,
    contract: semanticPresent,
    refuse: fail,
    reasons: { alone: ALONE, beside: ALONE },
    someoneServes: () => someoneServes(bus),
  })
  let serving: Subscribed[] = []
  const begin = async (): Promise<void> => {
    if (!(await presence.mayServe())) return
    serving = serve(layer, invalidations, context)
    await bus.flush()
    log.info({ store: given.storeType, embedder: `${embedding.instance}/${embedding.model}`, mode: given.mode }, 'serving')
    await prove(layer, log)
  }
  // Neither a bus that is away nor an embedder that is slow holds up the start.
  void begin()
  return {
    stop: async () => {
      await presence.stop()
      await Promise.all(serving.map(served => served.stop()))
      await store.close()
    },
  }
}

// The workers that serve the embedder start at the same time.
const PROOFS = 5
const PROOF_EVERY_MS = 2000

/** Says at the start what is wrong with the embedder or the store, once it had the time to come up. */
async function prove(layer: SemanticLayer, log: ServiceContext<typeof settings>['log']): Promise<void> {
  for (let left = PROOFS; ; left--) {
    try {
      return await layer.prove()
    } catch (thrown) {
      if (left === 0) return log.error({ err: thrown }, 'the semantic cache cannot work as it is configured: every question is a miss until it can')
      await new Promise(resolve => setTimeout(resolve, PROOF_EVERY_MS).unref())
    }
  }
}

function embeddingOf({ embedderProvider: instance, embedderModel }: SemanticCacheSettings): { instance: string; model: string } {
  if (instance === undefined) throw new ConfigurationError(['SEMANTIC_CACHE_EMBEDDER_PROVIDER must name the provider instance that makes the embeddings'])
  return { instance, model: embedderModel ?? (instance.startsWith('gemini') ? 'gemini-embedding-001' : 'text-embedding-ada-002') }
}

/** The bus says at once that nobody does. */
async function someoneServes(bus: Bus): Promise<boolean> {
  try {
    await bus.ask(semanticLookup, NOTHING)
    return true
  } catch (thrown) {
    return GatewayError.from(thrown).code !== 'unavailable'
  }
}

const ALONE = 'another semantic-cache is on the bus, and one that keeps its answers on its own disk has to be the only one: set SEMANTIC_CACHE_VECTOR_STORE_TYPE=pgvector for each of them, or stop the other'
