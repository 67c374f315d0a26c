import { duration, flag, gatewaySettings, integer, list, type ServiceContext, type Setting } from '@gomodel/service'
import { chosen, configuredInstances } from './instances.ts'
import { withSimulator } from './simulator/offered.ts'
import type { WorkerSettings } from './worker.ts'

const simulator: Setting<boolean | undefined> = {
  ...flag('SIMULATOR_ENABLED', {
    yaml: 'simulator.enabled',
    description: 'Serve the simulated provider (docs/simulator.md). `true`: beside the configured ones. `false`: never. Not set: only where no provider is configured.',
    fallback: '',
  }),
  fallback: undefined,
}

/** What an operator may set of a provider worker, besides the instances themselves. */
export const settings = {
  only: list('PROVIDER_INSTANCES', { yaml: 'workers.instances', description: 'The instances that this process serves, by name; empty means all that are configured.', fallback: '' }),
  except: list('PROVIDER_INSTANCES_EXCEPT', { yaml: 'workers.instances_except', description: 'Instances that this process leaves to others.', fallback: '' }),
  modelsMode: gatewaySettings.modelsMode,
  modelRefreshIntervalMs: duration('MODEL_REFRESH_INTERVAL', { yaml: 'cache.model.refresh_interval', also: { env: 'CACHE_REFRESH_INTERVAL' }, description: 'How often a provider is asked for its models.', fallback: '5m' }),
  capacity: integer('WORKER_CAPACITY', { yaml: 'workers.capacity', description: 'Calls in flight per instance above which this process refuses more.', fallback: '1000', min: 1, max: 100_000 }),
  connectTimeoutMs: duration('UPSTREAM_CONNECT_TIMEOUT', { yaml: 'http.connect_timeout', description: 'How long a connection to a provider may take.', fallback: '5s' }),
  firstTokenTimeoutMs: duration('UPSTREAM_FIRST_TOKEN_TIMEOUT', {
    yaml: 'http.response_header_timeout',
    also: { env: 'HTTP_RESPONSE_HEADER_TIMEOUT' },
    description: 'How long a provider may take to the first content of a stream, or to the head of a whole answer; 0 is for ever.',
    fallback: '300s',
  }),
  gapTimeoutMs: duration('UPSTREAM_GAP_TIMEOUT', { yaml: 'http.stream_idle_timeout', also: { env: 'HTTP_STREAM_IDLE_TIMEOUT' }, description: 'How long a provider may fall silent in the middle of an answer; 0 is for ever.', fallback: '120s' }),
  maxRetries: integer('RETRY_MAX_RETRIES', { yaml: 'resilience.retry.max_retries', description: 'Further tries at the same provider while nothing reached the client.', fallback: '2', min: 0, max: 20 }),
  initialBackoffMs: duration('RETRY_INITIAL_BACKOFF', { yaml: 'resilience.retry.initial_backoff', description: 'The longest wait before the first of them; it doubles with each, and every wait is a random part of it.', fallback: '200ms' }),
  maxBackoffMs: duration('RETRY_MAX_BACKOFF', { yaml: 'resilience.retry.max_backoff', description: 'The longest wait before any of them.', fallback: '2s' }),
  failureThreshold: integer('CIRCUIT_BREAKER_FAILURE_THRESHOLD', { yaml: 'resilience.circuit_breaker.failure_threshold', description: 'Failures in a row that open the circuit of an instance; 0 means never.', fallback: '5', min: 0, max: 100_000 }),
  successThreshold: integer('CIRCUIT_BREAKER_SUCCESS_THRESHOLD', { yaml: 'resilience.circuit_breaker.success_threshold', description: 'Successful trials in a row that close it.', fallback: '2', min: 1, max: 1000 }),
  breakerTimeoutMs: duration('CIRCUIT_BREAKER_TIMEOUT', { yaml: 'resilience.circuit_breaker.timeout', description: 'How long it stays open before the first trial.', fallback: '30s' }),
  simulator,
  simulatorTokensPerSecond: integer('SIMULATOR_TOKENS_PER_SECOND', { yaml: 'simulator.tokens_per_second', description: 'How fast simulated models speak; 0 is as fast as possible.', fallback: '50', min: 0, max: 100_000 }),
}

type Decided = Pick<ServiceContext<typeof settings>, 'settings' | 'environment' | 'config'>

/** All that the operator decided, the provider instances included. */
export function workerSettings({ settings: given, environment, config }: Decided, configured = configuredInstances(environment, config.providers)): WorkerSettings {
  const { instances, leftOut, problems } = configured
  // Who configured a provider wrongly must not get answers of a simulated one.
  const offered = given.simulator ?? (problems.length > 0 || leftOut.size > 0 ? false : undefined)
  return {
    instances: chosen(withSimulator(instances, { only: given.only, simulator: offered }), given, leftOut),
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
