import { type ConfiguredInstances, configuredInstances } from '@gomodel/provider-worker'
import { type Alias, type ConfigFile, configProblems, DEFAULT_CONFIG, type Environment, NO_FILE, noting, readConfigFile, readGatewayConfig, readSetting, type Setting, sourceOf, withoutEffect } from '@gomodel/service'
import { SETTING_GROUPS } from './setting-groups.ts'

/** The whole configuration as the gateway would take it, and what is wrong with it. */
export interface EffectiveConfiguration {
  /** Several lines, without a secret in them. */
  readonly text: string
  readonly problems: readonly string[]
}

/** One line in columns. */
type Line = readonly string[]

/** Says every value that holds with this environment and the YAML file that it leads to, and where each comes from. */
export function effectiveConfiguration(environment: Environment): EffectiveConfiguration {
  const problems = new Set<string>()
  const file = noting(problems, () => readConfigFile(environment)) ?? NO_FILE
  const groups = SETTING_GROUPS.map(({ title, settings }) => section(title, settings.map(setting => settingLine(setting, { environment, file, problems }))))
  for (const problem of configProblems(file.content)) problems.add(problem)
  const config = noting(problems, () => readGatewayConfig(environment, file)) ?? DEFAULT_CONFIG
  const configured = configuredInstances(environment, config.providers)
  for (const problem of [...configured.problems, ...configured.leftOut.values()].flat()) problems.add(problem)
  const text = [
    `Configuration file: ${file.path ?? 'none'}`,
    ...groups,
    section('Providers', providerLines(configured)),
    section('Aliases', [...config.aliases].map(([name, alias]) => [name, ...aliasColumns(alias)])),
    section('Fallback rules', [...config.fallback.rules].map(([model, others]) => [model, others.join(', ')])),
    section('Fallback of single models', [...config.fallback.overrides].map(([model, mode]) => [model, mode])),
    section('May be meant otherwise', configured.notes.map(note => [note])),
    section('Without effect', withoutEffect(environment, file.content).map(line => [line])),
    section('Problems', [...problems].map(problem => [problem])),
  ]
  return { text: text.filter(part => part !== '').join('\n\n'), problems: [...problems] }
}

interface Reading {
  readonly environment: Environment
  readonly file: ConfigFile
  readonly problems: Set<string>
}

function settingLine(setting: Setting<unknown>, { environment, file, problems }: Reading): Line {
  const source = sourceOf(setting, environment, file)
  const { problem } = readSetting(setting, source)
  if (problem !== undefined) problems.add(problem)
  const origin = { default: 'default', environment: `variable ${source.name}`, file: `${source.name} in ${file.path}` }[source.kind]
  return [setting.env, shown(setting, source.text), origin, ...(problem === undefined ? [] : [`WRONG: ${problem}`])]
}

function shown({ secret }: Setting<unknown>, text: string | undefined): string {
  if (text === undefined || text === '') return '-'
  return secret ? 'set' : withoutUser(text)
}

/** Addresses may hold a password. */
const withoutUser = (text: string): string => text.replaceAll(/\/\/[^/@\s,]*@/g, '//***@')

const providerLines = ({ instances, sources, leftOut }: ConfiguredInstances): Line[] => [
  ...instances.map(({ name, type, apiKey, baseUrl, models }) => [
    name,
    `type ${type}`,
    apiKey === undefined ? 'no key' : 'key set',
    withoutUser(baseUrl),
    models.length === 0 ? 'models as listed by the provider' : `models ${models.join(', ')}`,
    (sources.get(name) ?? []).join(', '),
  ]),
  ...[...leftOut.keys()].map(name => [name, 'LEFT OUT']),
]

const aliasColumns = ({ targets, fallback }: Alias): Line => [
  targets.map(({ model, weight }) => (targets.length > 1 ? `${model} (${weight})` : model)).join(', '),
  ...(fallback.length > 0 ? [`then ${fallback.join(', ')}`] : []),
]

/** Lines below their title, in columns as wide as they need; nothing where there are none. */
function section(title: string, lines: readonly Line[]): string {
  const widths = lines.reduce<number[]>((widest, line) => line.map((cell, index) => Math.max(cell.length, widest[index] ?? 0)).concat(widest.slice(line.length)), [])
  const rows = lines.map(line => line.map((cell, index) => cell.padEnd(index === line.length - 1 ? 0 : (widths[index] ?? 0))).join('  '))
  return lines.length === 0 ? '' : [title, ...rows.map(row => `  ${row.trimEnd()}`)].join('\n')
}
