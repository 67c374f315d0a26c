import { bytes, duration, gatewaySettings, redisAddress, text, type ValuesOf } from '@gomodel/service'

const KIB = 1024
const MIB = 1024 * KIB

/** What an operator may set of the response store. */
export const settings = {
  redis: redisAddress('REDIS_URL', { yaml: 'responses.redis.url', description: 'The Redis that keeps the responses. Without it they are kept on the disk, and there may be one response store only.' }),
  keyPrefix: text('REDIS_KEY_STORED', { yaml: 'responses.redis.key', description: 'What the name of every response in Redis begins with.', fallback: 'gomodel:stored:' }),
  dataDir: gatewaySettings.dataDir,
  ttlMs: duration('RESPONSE_STORE_TTL', { yaml: 'responses.ttl', description: 'How long a response is kept.', fallback: '720h' }),
  diskLimitBytes: bytes('RESPONSE_STORE_DISK_LIMIT', { yaml: 'responses.disk_limit', description: 'How much of the disk the responses may take without Redis; the oldest go first.', fallback: '1G', min: MIB, max: 1024 * 1024 * MIB }),
  // The bus carries bodies of up to 64 MB.
  maxEntryBytes: bytes('RESPONSE_STORE_MAX_ENTRY', { yaml: 'responses.max_entry', description: 'The largest response that is kept, its input included.', fallback: '32M', min: KIB, max: 64 * MIB }),
}
export type ResponseStoreSettings = ValuesOf<typeof settings>
