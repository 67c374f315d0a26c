import { bytes, duration, text, type ValuesOf } from '@gomodel/service'
import { redisAddress } from './redis-address.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** What an operator may set of the exact cache. */
export const settings = {
  redis: redisAddress('REDIS_URL', {
    description: 'The Redis that keeps the answers, as `redis://[[user]:password@]host[:port][/database]`, or `rediss://…` with TLS. Without it they are kept in memory, and there may be one exact cache only.',
  }),
  keyPrefix: text('REDIS_KEY_RESPONSES', { description: 'What the name of every answer in Redis begins with.', fallback: 'gomodel:response:' }),
  ttlMs: duration('REDIS_TTL_RESPONSES', { description: 'How long an answer is kept, in Redis and in memory; 0 means one hour.', fallback: '3600' }),
  memoryLimitBytes: bytes('EXACT_CACHE_MEMORY_LIMIT', { description: 'How much memory the answers may take without Redis; those not asked for the longest go first.', fallback: '64M', min: MIB, max: 64 * 1024 * MIB }),
  // One bus message of 1 MB has to hold the bytes and what is kept beside them.
  maxEntryBytes: bytes('EXACT_CACHE_MAX_ENTRY', { description: 'The largest answer that is kept.', fallback: '768K', min: KIB, max: 1000 * KIB }),
}
export type ExactCacheSettings = ValuesOf<typeof settings>
