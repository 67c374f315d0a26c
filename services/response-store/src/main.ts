import { run } from '@gomodel/service'
import { responseStore } from './response-store.ts'

await run(responseStore)
