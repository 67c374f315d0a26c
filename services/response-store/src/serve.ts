import type { Call } from '@gomodel/bus'
import { GatewayError, RESPONSE_POOL, responseDelete, responseGet, responsePut, type EndOf, type HeadOf, type RequestOf } from '@gomodel/contracts'
import type { ServiceContext } from '@gomodel/service'
import { responseStoreMetrics } from './observe.ts'
import type { settings } from './settings.ts'
import type { Store } from './store.ts'
import { storeKey } from './store-key.ts'

type PutCall = Call<RequestOf<typeof responsePut>, HeadOf<typeof responsePut>>
type GetCall = Call<RequestOf<typeof responseGet>, HeadOf<typeof responseGet>>

const SLICE_BYTES = 64 * 1024
const RETRY_MS = 1000

/** Answers what is asked of a store, from now on; the result finishes what is under way and then is silent. */
export function serve(store: Store, context: Pick<ServiceContext<typeof settings>, 'settings' | 'bus' | 'metrics' | 'tracing'>): () => Promise<void> {
  const { settings: given, bus, tracing } = context
  const { done } = responseStoreMetrics(context.metrics)

  const put = async (call: PutCall): Promise<EndOf<typeof responsePut>> => {
    const { id, kept } = call.request
    const span = tracing.span('response-store put', { kind: 'server', parent: call.trace })
    const body = await call.body()
    const verdict = body.length > given.maxEntryBytes ? 'too_large' : (await store.keep(storeKey(kept.tenant, id), { kept, body })) ? 'stored' : 'unavailable'
    done('put', verdict)
    span.end()
    call.head({})
    return { verdict }
  }

  const get = async (call: GetCall): Promise<EndOf<typeof responseGet>> => {
    const { id, tenant } = call.request
    const span = tracing.span('response-store get', { kind: 'server', parent: call.trace })
    const found = await store.find(storeKey(tenant, id))
    done('get', typeof found === 'string' ? found : 'found')
    span.end()
    if (found === 'unavailable') throw away()
    if (found === 'missing') {
      call.head({})
      return {}
    }
    call.head({ kept: found.kept })
    for (let at = 0; at < found.body.length && !call.signal.aborted; at += SLICE_BYTES) {
      if (!call.write(found.body.subarray(at, at + SLICE_BYTES))) await call.drained()
    }
    return {}
  }

  const serving = [bus.serveExchange(responsePut, { to: RESPONSE_POOL }, put), bus.serveExchange(responseGet, { to: RESPONSE_POOL }, get)]
  const deleting = bus.serve(responseDelete, async ({ request: { id, tenant }, trace }) => {
    const span = tracing.span('response-store delete', { kind: 'server', parent: trace })
    const deleted = await store.forget(storeKey(tenant, id))
    done('delete', deleted === 'unavailable' ? deleted : deleted ? 'found' : 'missing')
    span.end()
    if (deleted === 'unavailable') throw away()
    return { reply: { deleted } }
  })

  return async () => {
    await deleting.stop()
    await Promise.all(serving.map(served => served.drain()))
  }
}

const away = (): GatewayError => new GatewayError('unavailable', 'kept responses cannot be reached now', { retryAfterMs: RETRY_MS })
