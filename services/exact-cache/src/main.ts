import { run } from '@gomodel/service'
import { exactCache } from './exact-cache.ts'

await run(exactCache)
