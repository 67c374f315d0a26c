import { defineService, type ServiceContext } from '@gomodel/service'
import { settings, workerSettings } from './settings.ts'
import { isSimulator } from './simulator/offered.ts'
import { startSimulator } from './simulator/simulator.ts'
import { start } from './worker.ts'

/** The only holder of provider keys: serves the instances of its environment on the bus. */
export const providerWorker = defineService({
  name: 'provider-worker',
  settings,
  start: async (context: ServiceContext<typeof settings>) => {
    const decided = workerSettings(context)
    if (!decided.instances.some(isSimulator)) return start(decided, context)
    const { log, settings: { simulatorTokensPerSecond: tokensPerSecond } } = context
    const simulator = await startSimulator({ tokensPerSecond, log })
    log.warn({ url: simulator.url }, 'serving SIMULATED models, whose answers come from no model: a provider key, such as OPENAI_API_KEY, brings real ones')
    const instances = decided.instances.map(instance => (isSimulator(instance) ? { ...instance, baseUrl: simulator.url } : instance))
    const worker = start({ ...decided, instances }, context)
    return {
      async stop() {
        await worker.stop()
        await simulator.stop()
      },
    }
  },
})
