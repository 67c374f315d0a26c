import { defineService } from '@gomodel/service'
import { settings, workerSettings } from './settings.ts'
import { start } from './worker.ts'

/** The only holder of provider keys: serves the instances of its environment on the bus. */
export const providerWorker = defineService({
  name: 'provider-worker',
  settings,
  start: context => Promise.resolve(start(workerSettings(context), context)),
})
