import { existsSync, readFileSync } from 'node:fs'
import { ConfigurationError } from './configuration-error.ts'
import { given, type Environment } from './environment.ts'
import { parseConfig, type ConfigTree } from './parse-config.ts'

/** The YAML file of the operator. */
export interface ConfigFile {
  /** As it was found; undefined where there is none. */
  readonly path: string | undefined
  /** Its references to variables are replaced; nothing is judged yet. */
  readonly content: ConfigTree
}

export const NO_FILE: ConfigFile = { path: undefined, content: {} }

const PLACES = ['config/config.yaml', 'config.yaml']

/** Where the YAML file is: `CONFIG_FILE`, else the first of its two places in the working directory that exists. */
export const findConfigFile = (environment: Environment): string | undefined => given(environment['CONFIG_FILE']) ?? PLACES.find(place => existsSync(place))

/** Reads the YAML file, or none where there is none. */
export function readConfigFile(environment: Environment): ConfigFile {
  const path = findConfigFile(environment)
  if (path === undefined) return NO_FILE
  return { path, content: parseConfig(textOfFile(path, given(environment['CONFIG_FILE']) ? 'CONFIG_FILE' : path), path, environment) }
}

/** The text of a file that the configuration names. */
export function textOfFile(path: string, namedBy: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new ConfigurationError([`${namedBy} must be a file that can be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`])
  }
}

/** What stands at a place such as `server.port`, as it would be written in a variable: lists with commas, maps as `name=value`. */
export function textAt(content: ConfigTree, place: string): string | undefined {
  let value: unknown = content
  for (const key of place.split('.')) value = isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return textOf(value)
}

/** A value of the file as text; nothing where it is empty. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value.map(String).join(',')
  if (isTree(value)) return Object.entries(value).map(([name, part]) => `${name}=${encodeURIComponent(String(part))}`).join(',')
  return given(String(value))
}

/** Whether a value of the file is a section. */
export const isTree = (value: unknown): value is ConfigTree => typeof value === 'object' && value !== null && !Array.isArray(value)
