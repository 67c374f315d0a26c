import type { Setting } from './settings.ts'

/** Where a Redis is and who asks it. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
}

/** A setting that names a Redis; its text may hold a password and is never shown. */
export const redisAddress = (env: string, said: { description: string; yaml?: string }): Setting<RedisAddress | undefined> => ({
  env,
  ...said,
  fallback: undefined,
  secret: true,
  parse: text => {
    const address = addressOf(text)
    if (!address) throw new Error('an address such as redis://:password@host:6379/0 or rediss://host')
    return address
  },
})

const DEFAULT_PORT = 6379

function addressOf(text: string): RedisAddress | undefined {
  const url = URL.parse(text)
  const [, database] = /^\/?(\d{0,9})$/.exec(url?.pathname ?? '-') ?? []
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '' || database === undefined) return undefined
  try {
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      tls: url.protocol === 'rediss:',
      database: Number(database),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
    }
  } catch {
    // A percent sign that begins no escape.
    return undefined
  }
}
