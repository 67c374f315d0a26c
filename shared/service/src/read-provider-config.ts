import { isTree, textAt, textOf } from './config-file.ts'
import type { ConfiguredModel, ProviderConfig, ResilienceOverrides, TimeoutOverrides } from './gateway-config.ts'
import type { ConfigTree } from './parse-config.ts'
import { milliseconds, wholeNumber } from './settings.ts'

/** Reads one entry below `providers`; what is no number or duration is noted by its place. */
export function providerConfig(value: unknown, place: string, problems: string[]): ProviderConfig {
  const entry = isTree(value) ? value : {}
  return {
    type: textAt(entry, 'type'),
    apiKey: writtenAt(entry, 'api_key'),
    baseUrl: writtenAt(entry, 'base_url'),
    apiVersion: textAt(entry, 'api_version'),
    models: modelsOf(entry['models'], `${place}.models`, problems),
    timeouts: timeoutsOf(entry, place, problems),
    resilience: resilienceOf(entry, place, problems),
  }
}

/** Also a reference that was left unresolved: it is told of. */
function writtenAt(entry: ConfigTree, key: string): string | undefined {
  const value = entry[key]
  return value === undefined || value === null ? undefined : String(value).trim() || undefined
}

function modelsOf(value: unknown, place: string, problems: string[]): ConfiguredModel[] {
  const listed: unknown[] = Array.isArray(value) ? value : (textOf(value) ?? '').split(',')
  const models = listed.map((item, index) => modelOf(item, `${place}[${index}]`, problems)).filter(({ id }) => id !== '')
  return [...new Map(models.map(model => [model.id, model])).values()]
}

function modelOf(value: unknown, place: string, problems: string[]): ConfiguredModel {
  if (!isTree(value)) return { id: textOf(value) ?? '', baseModel: undefined, timeouts: timeoutsOf({}, place, problems), metadata: undefined }
  const id = textOf(value['id'])
  if (id === undefined) problems.push(`${place}.id must name a model`)
  const { metadata } = value
  return { id: id ?? '', baseModel: textOf(value['base_model']), timeouts: timeoutsOf(value, place, problems), metadata: isTree(metadata) ? metadata : undefined }
}

const timeoutsOf = (entry: ConfigTree, place: string, problems: string[]): TimeoutOverrides => ({
  firstTokenMs: parsedAt(entry, 'timeouts.first_token', { place, problems, parse: milliseconds }),
  gapMs: parsedAt(entry, 'timeouts.gap', { place, problems, parse: milliseconds }),
})

function resilienceOf(entry: ConfigTree, place: string, problems: string[]): ResilienceOverrides {
  const at = (key: string, parse: (text: string) => number): number | undefined => parsedAt(entry, `resilience.${key}`, { place, problems, parse })
  return {
    maxRetries: at('retry.max_retries', text => wholeNumber(text, 0, 20)),
    initialBackoffMs: at('retry.initial_backoff', milliseconds),
    maxBackoffMs: at('retry.max_backoff', milliseconds),
    failureThreshold: at('circuit_breaker.failure_threshold', text => wholeNumber(text, 0, 100_000)),
    successThreshold: at('circuit_breaker.success_threshold', text => wholeNumber(text, 1, 1000)),
    breakerTimeoutMs: at('circuit_breaker.timeout', milliseconds),
  }
}

interface Reading {
  readonly place: string
  readonly problems: string[]
  readonly parse: (text: string) => number
}

function parsedAt(entry: ConfigTree, key: string, { place, problems, parse }: Reading): number | undefined {
  const text = textAt(entry, key)
  try {
    return text === undefined ? undefined : parse(text)
  } catch (thrown) {
    problems.push(`${place}.${key} must be ${thrown instanceof Error ? thrown.message : 'valid'}`)
    return undefined
  }
}
