import { ConfigurationError, type Environment, type ProviderConfig } from '@gomodel/service'
import type { BreakerSettings } from './breaker.ts'
import { type Draft, draftsOf, usable } from './instance-drafts.ts'
import { modelOptionsOf, overridesOf } from './instance-options.ts'
import { problemsOf } from './instance-problems.ts'
import { ROWS } from './providers/rows.ts'
import type { RetrySettings } from './retry.ts'

/** One account at one provider: what the configuration calls by one name. */
export interface Instance {
  readonly name: string
  readonly type: string
  readonly apiKey: string | undefined
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** The models that the configuration names. */
  readonly models: readonly string[]
  /** Its place in the configuration; lower comes first. */
  readonly rank: number
  /** Where the provider wants one: Azure. */
  readonly apiVersion?: string
  /** What the configuration says of single models, by id. */
  readonly modelOptions?: ReadonlyMap<string, ModelOptions>
  /** Instead of what holds for every instance. */
  readonly firstTokenTimeoutMs?: number
  readonly gapTimeoutMs?: number
  readonly retry?: Partial<RetrySettings>
  readonly breaker?: Partial<BreakerSettings>
}

/** What the configuration says of one model. */
export interface ModelOptions {
  /** The true model behind a deployment's name. */
  readonly baseModel?: string
  /** Instead of what holds for its instance. */
  readonly firstTokenTimeoutMs?: number
  readonly gapTimeoutMs?: number
  /** What the operator says of the model: context window, prices and the like. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** Every instance that the configuration names, and what is wrong with those that cannot be served. */
export interface ConfiguredInstances {
  readonly instances: readonly Instance[]
  /** Those that are left out, by name, and why: by variable or place, and without a value of theirs. */
  readonly leftOut: ReadonlyMap<string, readonly string[]>
  /** What is wrong beyond that: variables that name no instance. */
  readonly problems: readonly string[]
  /** Where the configuration may mean something else than it does. */
  readonly notes: readonly string[]
  /** By name, the variables and places that an instance is made of. */
  readonly sources: ReadonlyMap<string, readonly string[]>
}

/**
 * The provider instances of the YAML file, in its order, with the environment laid over them, and then those of the environment alone:
 * `<TYPE>[_SUFFIX]_{API_KEY,BASE_URL,MODELS}`, in the order of the types, bare ones first, then suffixes in alphabetical order.
 */
export function configuredInstances(environment: Environment, providers: ReadonlyMap<string, ProviderConfig>): ConfiguredInstances {
  const { drafts, problems, notes } = draftsOf(environment, providers)
  // Also those left out have a rank: another process may have the key that is missing here.
  const judged = drafts.map((draft, rank) => ({ draft, rank, wrong: [...draft.problems, ...problemsOf(draft)] }))
  const good = judged.filter(({ wrong }) => wrong.length === 0)
  return {
    instances: good.map(({ draft, rank }) => ({ ...instanceOf(draft), rank })),
    leftOut: new Map(judged.filter(({ wrong }) => wrong.length > 0).map(({ draft, wrong }) => [draft.name, wrong])),
    problems,
    notes,
    sources: new Map(good.map(({ draft: { name, said } }) => [name, Object.values(said).map(({ by }) => by)])),
  }
}

/** What one process is to serve, by name; nothing in `only` is everything. */
export interface Choice {
  readonly only: readonly string[]
  readonly except: readonly string[]
}

/** The instances that one process is to serve. One that is left out may be named: it is told of elsewhere. */
export function chosen(instances: readonly Instance[], choice: Choice, leftOut: Pick<ConfiguredInstances['leftOut'], 'has'> = new Set()): Instance[] {
  const names = instances.map(({ name }) => name)
  const unknown = choice.only.filter(name => !names.includes(name) && !leftOut.has(name))
  if (unknown.length > 0) {
    throw new ConfigurationError([`PROVIDER_INSTANCES names ${unknown.join(', ')}, but configured are ${names.join(', ') || 'none'}`])
  }
  return instances.filter(({ name }) => isChosen(name, choice))
}

/** Whether an instance of this name is for the process that chooses. */
export const isChosen = (name: string, { only, except }: Choice): boolean => (only.length === 0 || only.includes(name)) && !except.includes(name)

function instanceOf({ name, type, said, provider }: Draft): Omit<Instance, 'rank'> {
  const row = ROWS.find(known => known.type === type)
  const models = said.MODELS?.value.split(',') ?? provider?.models.map(({ id }) => id) ?? []
  const address = (said.BASE_URL?.value ?? row?.baseUrl ?? '').replace(/\/+$/, '')
  return {
    name,
    type,
    apiKey: usable(said.API_KEY)?.value,
    // GoModel has the address of Gemini's OpenAI dialect here; its own API is one step above.
    baseUrl: row?.speaks === 'gemini' ? address.replace(/\/openai$/, '') : address,
    models: [...new Set(models.map(model => model.trim()))].filter(model => model !== ''),
    ...(said.API_VERSION && { apiVersion: said.API_VERSION.value }),
    ...modelOptionsOf(provider),
    ...overridesOf(provider),
  }
}
