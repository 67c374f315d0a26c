/** What a caller allows the response caches to do with its request. */
export interface CacheControl {
  readonly read: boolean
  readonly write: boolean
  /** An answer older than this, in seconds, is not wanted. */
  readonly maxAgeSeconds: number
}

/** Reads `Cache-Control`: `no-store` keeps out of the caches, `no-cache` asks for a fresh answer, `max-age` bounds a stored one's age. */
export function cacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return ANYTHING
  const directives = header.toLowerCase().split(',').map(directive => directive.trim())
  const store = !directives.includes('no-store')
  const maxAge = directives.map(directive => /^max-age="?(\d+)"?$/.exec(directive)?.[1]).find(seconds => seconds !== undefined)
  return { read: store && !directives.includes('no-cache'), write: store, maxAgeSeconds: maxAge === undefined ? Infinity : Number(maxAge) }
}

const ANYTHING: CacheControl = { read: true, write: true, maxAgeSeconds: Infinity }
