import { resolve } from 'node:path'
import { runCluster } from './run-cluster.ts'

process.exit(await runCluster(resolve(import.meta.dirname, '../..'), process.argv.slice(2)))
