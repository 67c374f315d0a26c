import { isTree, NO_FILE, textOf, textOfFile, type ConfigFile } from './config-file.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Environment } from './environment.ts'
import type { Alias, AliasTarget, FallbackMode, GatewayConfig } from './gateway-config.ts'
import { FALLBACK_MODES, gatewaySettings } from './gateway-settings.ts'
import { deeplyFrozen, expandReferences } from './parse-config.ts'
import { providerConfig } from './read-provider-config.ts'
import { readSettings, sourceOf } from './settings.ts'

/** Reads the sections of a file whose keys are known and of the right kind; throws a ConfigurationError that names every wrong value by its place. */
export function readGatewayConfig(environment: Environment, file: ConfigFile): GatewayConfig {
  const problems: string[] = []
  const settings = readSettings(gatewaySettings, environment, file)
  const { aliases, providers, fallback } = file.content
  const { rules, overrides } = isTree(fallback) ? fallback : {}
  const config: GatewayConfig = {
    aliases: mapOf(aliases, 'aliases', (value, place) => aliasOf(value, place, problems)),
    fallback: {
      mode: settings.fallbackMode,
      rules: new Map([...mapOf(rules, 'fallback.rules', namesOf), ...rulesOfFile(settings.fallbackRulesPath, environment, file)]),
      overrides: mapOf(overrides, 'fallback.overrides', (value, place) => modeOf(value, place, problems)),
    },
    models: { configuredProviderModelsMode: settings.modelsMode },
    providers: mapOf(providers, 'providers', (value, place) => providerConfig(value, place, problems)),
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return deeplyFrozen(config)
}

const mapOf = <T>(section: unknown, place: string, read: (value: unknown, place: string) => T): Map<string, T> =>
  new Map(Object.entries(isTree(section) ? section : {}).map(([name, value]) => [name, read(value, `${place}.${name}`)]))

function aliasOf(value: unknown, place: string, problems: string[]): Alias {
  const { targets, fallback } = isTree(value) ? value : { targets: value }
  const listed = Array.isArray(targets) ? targets : [targets]
  const known = listed.flatMap((target: unknown, index) => targetOf(target, Array.isArray(targets) ? `${place}.targets[${index}]` : place, problems) ?? [])
  if (known.length === 0) problems.push(`${place} must name at least one model`)
  return { targets: known, fallback: namesOf(fallback) }
}

function targetOf(value: unknown, place: string, problems: string[]): AliasTarget | undefined {
  if (!isTree(value)) {
    const model = textOf(value)
    return model === undefined ? undefined : { model, weight: 1 }
  }
  const model = textOf(value['model'])
  const weight = Number(textOf(value['weight']) ?? 1)
  if (model === undefined) problems.push(`${place}.model must name a model`)
  if (!(weight > 0 && Number.isFinite(weight))) problems.push(`${place}.weight must be a number above 0`)
  return { model: model ?? '', weight }
}

function modeOf(value: unknown, place: string, problems: string[]): FallbackMode {
  const text = isTree(value) ? textOf(value['mode']) : undefined
  const mode = FALLBACK_MODES.find(known => known === text?.toLowerCase())
  if (!mode) problems.push(`${place}.mode must be one of ${FALLBACK_MODES.join(', ')}`)
  return mode ?? 'off'
}

/** One text with commas, or a list. */
export const namesOf = (value: unknown): string[] => [...new Set((textOf(value) ?? '').split(',').map(name => name.trim()))].filter(name => name !== '')

function rulesOfFile(path: string | undefined, environment: Environment, file: ConfigFile): [string, readonly string[]][] {
  if (path === undefined) return []
  const namedBy = sourceOf(gatewaySettings.fallbackRulesPath, environment, file).name
  const rules = parsed(textOfFile(path, namedBy))
  const listed = isTree(rules) && Object.values(rules).every(models => Array.isArray(models) && models.every(model => typeof model === 'string'))
  if (!listed) throw new ConfigurationError([`${namedBy} must be a JSON file with an object from model name to a list of models`])
  return Object.entries(rules).map(([model, models]) => [model.trim(), namesOf((models as string[]).map(name => expandReferences(name, environment)))])
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** What holds where there is no file and nothing in the environment. */
export const DEFAULT_CONFIG: GatewayConfig = readGatewayConfig({}, NO_FILE)
