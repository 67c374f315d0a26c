import { bytes, duration, redisAddress, text, type ValuesOf } from '@gomodel/service'

const KIB = 1024
const MIB = 1024 * KIB

/** What an operator may set of the exact cache. */
export const settings = {
  redis: redisAddress('REDIS_URL', {
    yaml: 'cache.response.simple.redis.url',
    description: 'The Redis that keeps the answers, as `redis://[[user]:password@]host[:port][/database]`, or `rediss://…` with TLS. Without it they are kept in memory, and there may be one exact cache only.',
  }),
  keyPrefix: text('REDIS_KEY_RESPONSES', { yaml: 'cache.response.simple.redis.key', description: 'What the name of every answer in Redis begins with.', fallback: 'gomodel:response:' }),
  ttlMs: duration('REDIS_TTL_RESPONSES', { yaml: 'cache.response.simple.redis.ttl', description: 'How long an answer is kept, in Redis and in memory; 0 means one hour.', fallback: '3600' }),
  memoryLimitBytes: bytes('EXACT_CACHE_MEMORY_LIMIT', { yaml: 'cache.response.simple.memory_limit', description: 'How much memory the answers may take without Redis; those not asked for the longest go first.', fallback: '64M', min: MIB, max: 64 * 1024 * MIB }),
  // One bus message of 1 MB has to hold the bytes and what is kept beside them.
  maxEntryBytes: bytes('EXACT_CACHE_MAX_ENTRY', { yaml: 'cache.response.simple.max_entry', description: 'The largest answer that is kept.', fallback: '768K', min: KIB, max: 1000 * KIB }),
}
export type ExactCacheSettings = ValuesOf<typeof settings>
