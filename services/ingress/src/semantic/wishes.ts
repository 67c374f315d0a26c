import type { IncomingHttpHeaders } from 'node:http'

/** What a caller says of the caches beside `Cache-Control`. */
export interface CacheWishes {
  readonly exact: boolean
  readonly semantic: boolean
  /** Seconds that an answer may be kept. */
  readonly ttlSeconds: number | undefined
  /** How similar a question has to be, from 0 to 1. */
  readonly threshold: number | undefined
  readonly tags: readonly string[]
}

const LONGEST_SECONDS = 30 * 24 * 3600
const MAX_TAGS = 16

/** Reads `X-Cache-Type`, `X-Cache-TTL`, `X-Cache-Semantic-Threshold` and `X-Cache-Tags`; what makes no sense counts as not said. */
export function cacheWishes(headers: IncomingHttpHeaders): CacheWishes {
  const type = headers['x-cache-type']
  if (type === undefined && headers['x-cache-ttl'] === undefined && headers['x-cache-semantic-threshold'] === undefined && headers['x-cache-tags'] === undefined) return NONE
  return {
    exact: type !== 'semantic',
    semantic: type !== 'exact',
    ttlSeconds: numberIn(headers['x-cache-ttl'], 1, LONGEST_SECONDS),
    threshold: numberIn(headers['x-cache-semantic-threshold'], 0, 1),
    tags: tagsIn(headers['x-cache-tags']),
  }
}

const NONE: CacheWishes = { exact: true, semantic: true, ttlSeconds: undefined, threshold: undefined, tags: [] }

function numberIn(header: string | string[] | undefined, min: number, max: number): number | undefined {
  if (typeof header !== 'string' || !/^\d*\.?\d+$/.test(header)) return undefined
  const value = Number(header)
  return value < min ? undefined : Math.min(value, max)
}

function tagsIn(header: string | string[] | undefined): readonly string[] {
  if (typeof header !== 'string') return []
  const tags = header.split(',').map(tag => tag.trim()).filter(isTag)
  return [...new Set(tags)].slice(0, MAX_TAGS)
}

/** Whether a text may be a tag. */
export const isTag = (text: string): boolean => /^[\w.:/-]{1,64}$/.test(text)
