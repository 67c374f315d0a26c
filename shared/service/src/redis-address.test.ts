import { describe, expect, test } from 'vitest'
import { ConfigurationError } from './configuration-error.ts'
import { redisAddress } from './redis-address.ts'
import { readSettings } from './settings.ts'

const settings = { redis: redisAddress('REDIS_URL', { description: '' }) }
const read = (text: string) => readSettings(settings, { REDIS_URL: text }).redis

describe('REDIS_URL', () => {
  const plain = { host: 'redis', port: 6379, tls: false, database: 0, username: undefined, password: undefined }

  test.each([
    ['redis://redis', plain],
    ['redis://redis/', plain],
    ['REDIS://redis:6380/3', { ...plain, port: 6380, database: 3 }],
    ['rediss://redis', { ...plain, tls: true }],
    ['redis://:p%40ss%2F@redis', { ...plain, password: 'p@ss/' }],
    ['redis://us%3Aer:pass@redis', { ...plain, username: 'us:er', password: 'pass' }],
    ['redis://[::1]:7000', { ...plain, host: '::1', port: 7000 }],
  ])('is read: %s', (text, address) => {
    expect(read(text)).toEqual(address)
  })

  test('is nothing when it is empty or not resolved', () => {
    for (const text of ['', ' ', '${REDIS_URL}']) expect(read(text)).toBeUndefined()
  })

  test.each(['redis', 'redis://', 'redis:///0', 'http://:hidden@redis', 'redis://:hidden@redis:99999', 'redis://:hidden@redis/first', 'redis://:hidden@redis/1/2', 'redis://:hidden%@redis'])('that is malformed is named, and not shown: %s', text => {
    expect(() => read(text)).toThrow(ConfigurationError)
    expect(() => read(text)).toThrow(/^bad configuration: REDIS_URL must be an address such as redis:/)
    expect(() => read(text)).not.toThrow(/hidden/)
  })
})
