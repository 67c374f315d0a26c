import { readConfigFile, type ConfigFile } from './config-file.ts'
import { configProblems } from './config-problems.ts'
import { ConfigurationError, noting } from './configuration-error.ts'
import type { Environment } from './environment.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { readGatewayConfig } from './read-gateway-config.ts'
import { readSettings, type Settings } from './settings.ts'

/** All that one process is told: its file, the sections of it, and the settings of everything that it runs. */
export interface Configuration {
  readonly file: ConfigFile
  readonly config: GatewayConfig
}

/** Reads the YAML file and judges it, and the given settings, by it and the environment; throws one ConfigurationError with all that is wrong. */
export function readConfiguration(environment: Environment, settings: readonly Settings[]): Configuration {
  const problems = new Set<string>()
  const file = noting(problems, () => readConfigFile(environment))
  for (const own of settings) noting(problems, () => readSettings(own, environment, file))
  for (const problem of configProblems(file?.content ?? {})) problems.add(problem)
  const config = file && noting(problems, () => readGatewayConfig(environment, file))
  if (file === undefined || config === undefined || problems.size > 0) throw new ConfigurationError([...problems])
  return { file, config }
}
