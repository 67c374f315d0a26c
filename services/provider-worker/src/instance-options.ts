import type { ConfiguredModel, ProviderConfig, TimeoutOverrides } from '@gomodel/service'
import type { Instance, ModelOptions } from './instances.ts'

/** What the file says of single models, as far as it says more than their names. */
export function modelOptionsOf(provider: ProviderConfig | undefined): Pick<Instance, 'modelOptions'> {
  const options = (provider?.models ?? []).map(model => [model.id, optionsOf(model)] as const).filter(([, said]) => Object.keys(said).length > 0)
  return options.length === 0 ? {} : { modelOptions: new Map(options) }
}

/** What the file says of one provider instead of what holds for all. */
export function overridesOf(provider: ProviderConfig | undefined): Pick<Instance, 'firstTokenTimeoutMs' | 'gapTimeoutMs' | 'retry' | 'breaker'> {
  if (!provider) return {}
  const { maxRetries, initialBackoffMs, maxBackoffMs, failureThreshold, successThreshold, breakerTimeoutMs } = provider.resilience
  const retry = present({ maxRetries, initialBackoffMs, maxBackoffMs })
  const breaker = present({ failureThreshold, successThreshold, timeoutMs: breakerTimeoutMs })
  return { ...timeoutsOf(provider.timeouts), ...(Object.keys(retry).length > 0 && { retry }), ...(Object.keys(breaker).length > 0 && { breaker }) }
}

const optionsOf = ({ baseModel, timeouts, metadata }: ConfiguredModel): ModelOptions => ({
  ...(baseModel !== undefined && { baseModel }),
  ...timeoutsOf(timeouts),
  ...(metadata && { metadata }),
})

const timeoutsOf = ({ firstTokenMs, gapMs }: TimeoutOverrides): Pick<ModelOptions, 'firstTokenTimeoutMs' | 'gapTimeoutMs'> => ({
  ...(firstTokenMs !== undefined && { firstTokenTimeoutMs: firstTokenMs }),
  ...(gapMs !== undefined && { gapTimeoutMs: gapMs }),
})

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const present = <T extends object>(values: T): Present<T> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>
