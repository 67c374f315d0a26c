/** One thing that an operator may set, and all that the reference page says of it. */
export interface Setting<T> {
  readonly env: string
  readonly description: string
  /** What holds when nothing is set, as it would be written in the environment; undefined where nothing is. */
  readonly fallback: string | undefined
  readonly secret: boolean
  /** Turns the text into the value; throws an Error whose message completes "NAME must be …". */
  readonly parse: (text: string) => T
}

export type Settings = Record<string, Setting<unknown>>
export type ValuesOf<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }
export type Environment = Readonly<Record<string, string | undefined>>

/** Every setting that is missing or wrong, all at once; values are never shown. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`bad configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/** Reads what a service needs from the environment. An empty value counts as not set, a `${NAME}` left unresolved too. */
export function readSettings<S extends Settings>(settings: S, environment: Environment): ValuesOf<S> {
  const problems: string[] = []
  const values = Object.entries(settings).map(([key, setting]) => {
    const text = given(environment[setting.env]) ?? setting.fallback
    try {
      return [key, text === undefined ? undefined : setting.parse(text)]
    } catch (thrown) {
      problems.push(`${setting.env} must be ${thrown instanceof Error ? thrown.message : 'valid'}`)
      return [key, undefined]
    }
  })
  if (problems.length > 0) throw new ConfigurationError(problems)
  return Object.freeze(Object.fromEntries(values)) as ValuesOf<S>
}

/** The text of a variable that was truly set. */
export function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' || /^\$\{[^}]*\}$/.test(trimmed) ? undefined : trimmed
}

interface Said {
  readonly description: string
  readonly fallback: string
}

const refuse = (what: string): never => {
  throw new Error(what)
}

export const text = (env: string, said: Said): Setting<string> => ({ env, ...said, secret: false, parse: value => value })

export const secret = (env: string, said: { description: string }): Setting<string | undefined> => ({ env, ...said, fallback: undefined, secret: true, parse: value => value })

export const flag = (env: string, said: Said): Setting<boolean> => ({
  env,
  ...said,
  secret: false,
  parse: value => (/^(true|1|yes|on)$/i.test(value) ? true : /^(false|0|no|off)$/i.test(value) ? false : refuse('true or false')),
})

export function integer(env: string, said: Said & { min: number; max: number }): Setting<number> {
  const { min, max, ...rest } = said
  return {
    env,
    ...rest,
    secret: false,
    parse: value => (/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : refuse(`a whole number from ${min} to ${max}`)),
  }
}

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
export const duration = (env: string, said: Said): Setting<number> => ({
  env,
  ...said,
  secret: false,
  parse: value => {
    if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000)
    if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) return refuse('a duration such as 500ms, 30s or 1m30s')
    const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
    return Math.round(parts.reduce((total, [, amount, unit]) => total + Number(amount) * UNIT_MS[unit!]!, 0))
  },
})

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
export const headers = (env: string, said: { description: string }): Setting<Readonly<Record<string, string>>> => ({
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
export const endpoint = (env: string, said: { description: string }): Setting<string | undefined> => ({
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
