import { exactCache } from '@gomodel/exact-cache'
import { ingress } from '@gomodel/ingress'
import { providerWorker } from '@gomodel/provider-worker'
import { responseStore } from '@gomodel/response-store'
import { semanticCache } from '@gomodel/semantic-cache'
import { runTogether } from '@gomodel/service'

// The ingress stops first: what it still has in flight needs the others.
await runTogether([ingress, exactCache, semanticCache, responseStore, providerWorker])
