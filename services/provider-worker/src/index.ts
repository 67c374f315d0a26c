export { prefixOf } from './environment-instances.ts'
export { type ConfiguredInstances, configuredInstances } from './instances.ts'
export { providerWorker } from './provider-worker.ts'
export { ROWS } from './providers/rows.ts'
