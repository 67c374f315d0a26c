import { duration, flag, integer, list, oneOf, type ServiceContext, type Setting } from '@gomodel/service'
import { chosen, instancesFrom } from './instances.ts'
import { withSimulator } from './simulator/offered.ts'
import type { WorkerSettings } from './worker.ts'

const simulator: Setting<boolean | undefined> = {
  ...flag('SIMULATOR_ENABLED', {
    description: 'Serve the simulated provider (docs/simulator.md). `true`: beside the configured ones. `false`: never. Not set: only where no provider is configured.',
    fallback: '',
  }),
  fallback: undefined,
}

/** What an operator may set of a provider worker, besides the instances themselves. */
export const settings = {
  only: list('PROVIDER_INSTANCES', { description: 'The instances that this process serves, by name; empty means all that are configured.', fallback: '' }),
  except: list('PROVIDER_INSTANCES_EXCEPT', { description: 'Instances that this process leaves to others.', fallback: '' }),
  modelsMode: oneOf('CONFIGURED_PROVIDER_MODELS_MODE', ['fallback', 'allowlist'], {
    description: '`fallback`: `…_MODELS` stands in while the provider lists no models. `allowlist`: only `…_MODELS` count, and the provider is not asked.',
    fallback: 'fallback',
  }),
  modelRefreshIntervalMs: duration('MODEL_REFRESH_INTERVAL', { description: 'How often a provider is asked for its models.', fallback: '5m' }),
  capacity: integer('WORKER_CAPACITY', { description: 'Calls in flight per instance above which this process refuses more.', fallback: '1000', min: 1, max: 100_000 }),
  connectTimeoutMs: duration('UPSTREAM_CONNECT_TIMEOUT', { description: 'How long a connection to a provider may take.', fallback: '5s' }),
  firstTokenTimeoutMs: duration('UPSTREAM_FIRST_TOKEN_TIMEOUT', {
    description: 'How long a provider may take to the first content of a stream, or to the head of a whole answer; 0 is for ever.',
    fallback: '300s',
  }),
  gapTimeoutMs: duration('UPSTREAM_GAP_TIMEOUT', { description: 'How long a provider may fall silent in the middle of an answer; 0 is for ever.', fallback: '120s' }),
  maxRetries: integer('RETRY_MAX_RETRIES', { description: 'Further tries at the same provider while nothing reached the client.', fallback: '2', min: 0, max: 20 }),
  initialBackoffMs: duration('RETRY_INITIAL_BACKOFF', { description: 'The longest wait before the first of them; it doubles with each, and every wait is a random part of it.', fallback: '200ms' }),
  maxBackoffMs: duration('RETRY_MAX_BACKOFF', { description: 'The longest wait before any of them.', fallback: '2s' }),
  failureThreshold: integer('CIRCUIT_BREAKER_FAILURE_THRESHOLD', { description: 'Failures in a row that open the circuit of an instance; 0 means never.', fallback: '5', min: 0, max: 100_000 }),
  successThreshold: integer('CIRCUIT_BREAKER_SUCCESS_THRESHOLD', { description: 'Successful trials in a row that close it.', fallback: '2', min: 1, max: 1000 }),
  breakerTimeoutMs: duration('CIRCUIT_BREAKER_TIMEOUT', { description: 'How long it stays open before the first trial.', fallback: '30s' }),
  simulator,
  simulatorTokensPerSecond: integer('SIMULATOR_TOKENS_PER_SECOND', { description: 'How fast simulated models speak; 0 is as fast as possible.', fallback: '50', min: 0, max: 100_000 }),
}

/** All that the operator decided, the provider instances of the environment included. */
export function workerSettings({ settings: given, environment }: Pick<ServiceContext<typeof settings>, 'settings' | 'environment'>): WorkerSettings {
  return {
    instances: chosen(withSimulator(instancesFrom(environment), given), given.only, given.except),
    retry: { maxRetries: given.maxRetries, initialBackoffMs: given.initialBackoffMs, maxBackoffMs: given.maxBackoffMs },
    breaker: { failureThreshold: given.failureThreshold, successThreshold: given.successThreshold, timeoutMs: given.breakerTimeoutMs },
    connectTimeoutMs: given.connectTimeoutMs,
    firstTokenTimeoutMs: given.firstTokenTimeoutMs,
    gapTimeoutMs: given.gapTimeoutMs,
    modelRefreshIntervalMs: given.modelRefreshIntervalMs,
    modelsMode: given.modelsMode,
    capacity: given.capacity,
  }
}
