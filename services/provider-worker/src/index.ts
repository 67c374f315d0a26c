export { providerWorker } from './provider-worker.ts'
