import { ConfigurationError } from '@gomodel/service'
import type { Instance } from '../instances.ts'
import { OWNER, SIMULATED_MODELS } from './simulated-models.ts'

/** What the operator says of it. */
interface Wanted {
  /** Undefined: where nothing else is configured. */
  readonly simulator: boolean | undefined
  /** The instances that this process is to serve; empty is all. */
  readonly only: readonly string[]
}

/** Adds the simulator as the last instance where it is offered. Its port is 0 until it listens. */
export function withSimulator(configured: readonly Instance[], { simulator, only }: Wanted): Instance[] {
  const offered = simulator ?? configured.length === 0
  const named = only.includes(OWNER)
  if (named && !offered) throw new ConfigurationError([`PROVIDER_INSTANCES names ${OWNER}, which takes SIMULATOR_ENABLED=true`])
  // A process meant for a provider whose key is missing must fail, not answer in its stead.
  if (!offered || (only.length > 0 && !named)) return [...configured]
  return [...configured, { name: OWNER, type: OWNER, apiKey: undefined, baseUrl: 'http://127.0.0.1:0/v1', models: SIMULATED_MODELS, rank: configured.length }]
}

/** Whether an instance is the simulator. */
export const isSimulator = ({ type }: Instance): boolean => type === OWNER
