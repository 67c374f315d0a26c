import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@gomodel/testing'
import { parse } from 'yaml'

/** One service of a compose file, as far as these tests look at it. */
export interface ComposeService {
  image?: string
  build?: { context: string; dockerfile: string; args: { SERVICE: string } }
  command?: string[]
  environment?: Record<string, string>
  env_file?: { path: string; required: boolean }[]
  depends_on?: Record<string, { condition: string }>
  volumes?: string[]
  ports?: string[]
  healthcheck?: { test: string[] }
  container_name?: string
  stop_grace_period?: string
  restart?: string
}

interface ComposeFile {
  name?: string
  include?: string[]
  services: Record<string, ComposeService>
  volumes?: Record<string, unknown>
}

/** The values that `.env` and the shell have for compose. */
export type Variables = Readonly<Record<string, string | undefined>>

export const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

const load = (file: string): ComposeFile => parse(read(file), { merge: true }) as ComposeFile

export const infra: ComposeFile = load('docker-compose.infra.yml')
export const full: ComposeFile = load('docker-compose.full.yml')

/** Every service of `docker-compose.full.yml`, the included ones too. */
export const services: Record<string, ComposeService> = { ...infra.services, ...full.services }

/** A service by its name in the compose files. */
export function service(name: string): ComposeService {
  const found = services[name]
  if (!found) throw new Error(`the compose files have no service ${name}`)
  return found
}

const REFERENCE = /\$(?:(\$)|\{(\w+)(?::([-+])([^}]*))?\})/g

/** A text as compose understands it: `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:+instead}`; any other dollar is a mistake. */
export function interpolate(text: string, variables: Variables): string {
  if (text.replace(REFERENCE, '').includes('$')) throw new Error(`there is a dollar too many in ${text}`)
  return text.replace(REFERENCE, (...[, dollar, name = '', when, other = '']: (string | undefined)[]) => {
    const value = variables[name] ?? ''
    return dollar ?? (when === '+' ? (value && other) : (value || other))
  })
}

/** The names of the variables that a text refers to. */
export const variablesOf = (text: string): string[] => [...text.matchAll(REFERENCE)].flatMap(([, , name]) => name ?? [])

/** What a container of the service finds in its environment. */
export const environmentOf = (name: string, variables: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, interpolate(value, variables)]))

/** The ports on which a service listens inside the network of compose. */
export function listensOn(name: string): number[] {
  const { ports = [], environment = {} } = service(name)
  const published = ports.map(port => Number(port.split(':').at(-1)))
  return [...published, ...['PORT', 'METRICS_PORT'].flatMap(variable => Number(environment[variable] ?? [])).filter(Boolean)]
}
