import { defineService, type ServiceContext } from '@gomodel/service'
import { type Choice, type ConfiguredInstances, configuredInstances, isChosen } from './instances.ts'
import type { Log } from './log.ts'
import { settings, workerSettings } from './settings.ts'
import { isSimulator } from './simulator/offered.ts'
import { startSimulator } from './simulator/simulator.ts'
import { start } from './worker.ts'

/** The only holder of provider keys: serves the instances of its configuration on the bus. */
export const providerWorker = defineService({
  name: 'provider-worker',
  settings,
  start: async (context: ServiceContext<typeof settings>) => {
    const { log, environment, config, settings: { simulatorTokensPerSecond: tokensPerSecond, ...choice } } = context
    const configured = configuredInstances(environment, config.providers)
    tell(log, configured, choice)
    const decided = workerSettings(context, configured)
    if (!decided.instances.some(isSimulator)) return start(decided, context)
    const simulator = await startSimulator({ tokensPerSecond, log })
    log.warn({ url: simulator.url }, `serving SIMULATED models, whose answers come from no model${configured.instances.length === 0 ? ': a provider key, such as OPENAI_API_KEY, brings real ones' : ''}`)
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

/** Says what is wrong with the instances that this process would serve, all of it in one event. */
function tell(log: Log, { leftOut, problems, notes }: ConfiguredInstances, choice: Choice): void {
  const missing = [...leftOut].filter(([name]) => isChosen(name, choice))
  const wrong = [...problems, ...missing.flatMap(([, why]) => why)]
  if (wrong.length > 0) log.error({ problems: wrong, leftOut: missing.map(([name]) => name) }, 'some providers are not configured as they must be and are left out')
  if (notes.length > 0) log.warn({ notes }, 'some variables may be meant for another provider')
}
