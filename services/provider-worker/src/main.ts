import { run } from '@gomodel/service'
import { providerWorker } from './provider-worker.ts'

await run(providerWorker)
