import { run } from '@gomodel/service'
import { ingress } from './ingress.ts'

await run(ingress)
