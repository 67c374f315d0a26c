/** What the configuration says beyond single settings: read from the YAML file, the files that it names and the environment, and deeply frozen. */
export interface GatewayConfig {
  /** By the name that a caller asks for. */
  readonly aliases: ReadonlyMap<string, Alias>
  readonly fallback: FallbackConfig
  readonly models: ModelsConfig
  /** As the YAML file has them, by name; the environment is not laid over them. */
  readonly providers: ReadonlyMap<string, ProviderConfig>
}

/** A model name of the operator's own. */
export interface Alias {
  /** At least one; several share the requests by their weights. */
  readonly targets: readonly AliasTarget[]
  /** Models to try in this order when the chosen target fails. */
  readonly fallback: readonly string[]
}

export interface AliasTarget {
  /** `instance/model`, or a bare model name. */
  readonly model: string
  /** Above 0; a target with 2 gets twice the requests of one with 1. */
  readonly weight: number
}

/** `manual`: only what the rules name. `auto`: similar models too. */
export type FallbackMode = 'off' | 'manual' | 'auto'

export interface FallbackConfig {
  readonly mode: FallbackMode
  /** By model name, the models to try instead, best first. */
  readonly rules: ReadonlyMap<string, readonly string[]>
  /** The mode of single models, by model name. */
  readonly overrides: ReadonlyMap<string, FallbackMode>
}

export interface ModelsConfig {
  readonly configuredProviderModelsMode: 'fallback' | 'allowlist'
}

/** One entry below `providers`, its references expanded and nothing judged yet. */
export interface ProviderConfig {
  readonly type: string | undefined
  readonly apiKey: string | undefined
  readonly baseUrl: string | undefined
  readonly apiVersion: string | undefined
  readonly models: readonly ConfiguredModel[]
  readonly timeouts: TimeoutOverrides
  readonly resilience: ResilienceOverrides
}

export interface ConfiguredModel {
  readonly id: string
  /** The true model behind a deployment's name. */
  readonly baseModel: string | undefined
  readonly timeouts: TimeoutOverrides
  /** What the operator says of it, as it stands in the file. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined
}

/** Undefined is what holds for everybody. */
export interface TimeoutOverrides {
  readonly firstTokenMs: number | undefined
  readonly gapMs: number | undefined
}

/** Undefined is what holds for everybody. */
export interface ResilienceOverrides {
  readonly maxRetries: number | undefined
  readonly initialBackoffMs: number | undefined
  readonly maxBackoffMs: number | undefined
  readonly failureThreshold: number | undefined
  readonly successThreshold: number | undefined
  readonly breakerTimeoutMs: number | undefined
}

/** Told of a configuration that replaces the former one. Only `aliases` and `fallback` differ from it. */
export type ConfigListener = (config: GatewayConfig) => void
