import { run } from '@gomodel/service'
import { semanticCache } from './semantic-cache.ts'

await run(semanticCache)
