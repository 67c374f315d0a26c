import { NO_FILE, textAt, type ConfigFile } from './config-file.ts'
import { ConfigurationError } from './configuration-error.ts'
import { given, type Environment } from './environment.ts'

/** One thing that an operator may set, and all that the reference page says of it. */
export interface Setting<T> {
  readonly env: string
  /** Its place in the YAML file, such as `server.port`. */
  readonly yaml?: string
  /** Other names of the same, where GoModel has one of its own. */
  readonly also?: { readonly env?: string; readonly yaml?: string }
  readonly description: string
  /** What holds when nothing is set, as it would be written in the environment; undefined where nothing is. */
  readonly fallback: string | undefined
  readonly secret: boolean
  /** Turns the text into the value; throws an Error whose message completes "NAME must be …". */
  readonly parse: (text: string) => T
}

export type Settings = Record<string, Setting<unknown>>
export type ValuesOf<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }

/** What says the value of a setting. */
export interface Source {
  /** Undefined where nobody says anything, not even a default. */
  readonly text: string | undefined
  readonly kind: 'environment' | 'file' | 'default'
  /** The variable or the place in the file. */
  readonly name: string
}

/** Who says the value of a setting: a variable before the YAML file before the default. An empty value counts as not set, a `${NAME}` left unresolved too. */
export function sourceOf(setting: Setting<unknown>, environment: Environment, file: ConfigFile = NO_FILE): Source {
  for (const name of [setting.env, setting.also?.env]) {
    const text = name === undefined ? undefined : given(environment[name])
    if (name !== undefined && text !== undefined) return { text, kind: 'environment', name }
  }
  for (const name of [setting.yaml, setting.also?.yaml]) {
    const text = name === undefined ? undefined : textAt(file.content, name)
    if (name !== undefined && text !== undefined) return { text, kind: 'file', name }
  }
  return { text: setting.fallback, kind: 'default', name: setting.env }
}

/** The value of one setting; the problem, should there be one, names who said it. */
export function readSetting<T>(setting: Setting<T>, { text, name }: Source): { readonly value: T | undefined; readonly problem?: string } {
  try {
    return { value: text === undefined ? undefined : setting.parse(text) }
  } catch (thrown) {
    return { value: undefined, problem: `${name} must be ${thrown instanceof Error ? thrown.message : 'valid'}` }
  }
}

/** Reads what a service needs from the environment and the YAML file. */
export function readSettings<S extends Settings>(settings: S, environment: Environment, file: ConfigFile = NO_FILE): ValuesOf<S> {
  const read = Object.entries(settings).map(([key, setting]) => ({ key, ...readSetting(setting, sourceOf(setting, environment, file)) }))
  const problems = read.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) throw new ConfigurationError(problems)
  return Object.freeze(Object.fromEntries(read.map(({ key, value }) => [key, value]))) as ValuesOf<S>
}

interface Told {
  readonly description: string
  readonly yaml?: string
  readonly also?: { readonly env?: string; readonly yaml?: string }
}

interface Said extends Told {
  readonly fallback: string
}

const refuse = (what: string): never => {
  throw new Error(what)
}

export const text = (env: string, said: Said): Setting<string> => ({ env, ...said, secret: false, parse: value => value })

/** A text that need not be there. */
export const optionalText = (env: string, said: Told): Setting<string | undefined> => ({ env, ...said, fallback: undefined, secret: false, parse: value => value })

export const secret = (env: string, said: Told): Setting<string | undefined> => ({ env, ...said, fallback: undefined, secret: true, parse: value => value })

export const flag = (env: string, said: Said): Setting<boolean> => ({
  env,
  ...said,
  secret: false,
  parse: value => (/^(true|1|yes|on)$/i.test(value) ? true : /^(false|0|no|off)$/i.test(value) ? false : refuse('true or false')),
})

export function integer(env: string, said: Said & { min: number; max: number }): Setting<number> {
  const { min, max, ...rest } = said
  return { env, ...rest, secret: false, parse: value => wholeNumber(value, min, max) }
}

/** The number that a text says; throws when it says none, or one out of bounds. */
export const wholeNumber = (value: string, min: number, max: number): number =>
  /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : refuse(`a whole number from ${min} to ${max}`)

export const oneOf = <T extends string>(env: string, choices: readonly T[], said: Said): Setting<T> => ({
  env,
  ...said,
  secret: false,
  parse: value => choices.find(choice => choice === value.toLowerCase()) ?? refuse(`one of ${choices.join(', ')}`),
})

/** A part of the whole. */
export const fraction = (env: string, said: Said): Setting<number> => ({
  env,
  ...said,
  secret: false,
  parse: value => (/^\d*\.?\d+$/.test(value) && Number(value) <= 1 ? Number(value) : refuse('a number from 0 to 1')),
})

/** Names separated by commas. */
export const list = (env: string, said: Said): Setting<readonly string[]> => ({
  env,
  ...said,
  secret: false,
  parse: value => value.split(',').map(name => name.trim()).filter(name => name !== ''),
})

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds, written as `500ms`, `1m30s`, or plain seconds. */
export const duration = (env: string, said: Said): Setting<number> => ({ env, ...said, secret: false, parse: milliseconds })

/** The milliseconds that a text says; throws when it is no duration. */
export function milliseconds(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000)
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return refuse('a duration such as 500ms, 30s or 1m30s')
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return Math.round(parts.reduce((total, [, amount, unit]) => total + Number(amount) * UNIT_MS[unit!]!, 0))
}

const UNIT_BYTES: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** Bytes, written as `10M`, `512K` or a plain number. */
export function bytes(env: string, said: Said & { min: number; max: number }): Setting<number> {
  const { min, max, ...rest } = said
  return {
    env,
    ...rest,
    secret: false,
    parse: value => {
      const [, amount, unit = ''] = /^(\d+)([KMG]?)B?$/i.exec(value) ?? refuse('a size such as 10M or 512K')
      const size = Number(amount) * UNIT_BYTES[unit.toUpperCase()]!
      return size >= min && size <= max ? size : refuse(`a size from ${min} to ${max} bytes`)
    },
  }
}

/** HTTP headers as a list of `name=value`, each percent-encoded: nobody but their receiver may see them. */
export const headers = (env: string, said: Told): Setting<Readonly<Record<string, string>>> => ({
  env,
  ...said,
  fallback: '',
  secret: true,
  parse: value => Object.fromEntries(value.split(',').filter(pair => pair.trim() !== '').map(header)),
})

function header(pair: string): [string, string] {
  const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim()
  const value = decoded(pair.slice(pair.indexOf('=') + 1).trim())
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value) ? [name, value] : refuse('a list such as name=value,other=value')
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** One http or https address, or none. */
export const endpoint = (env: string, said: Told): Setting<string | undefined> => ({
  env,
  ...said,
  fallback: undefined,
  secret: false,
  parse: value => (/^https?:\/\//i.test(value) && URL.canParse(value) ? value : refuse('an address that begins with http:// or https://')),
})

/** One address or several separated by commas, each with a scheme that is allowed. */
export const urls = (env: string, schemes: readonly string[], said: Said): Setting<string> => ({
  env,
  ...said,
  secret: false,
  parse: value => {
    const fine = value.split(',').every(url => URL.canParse(url.trim()) && schemes.includes(new URL(url.trim()).protocol.slice(0, -1)))
    return fine ? value : refuse(`an address that begins with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`)
  },
})
