import { describe, expect, test } from 'vitest'
import { bytes, ConfigurationError, duration, endpoint, flag, fraction, headers, integer, list, oneOf, readSettings, secret, text, urls } from './settings.ts'

const said = (fallback: string) => ({ description: 'A thing.', fallback })
const settings = {
  port: integer('PORT', { ...said('8080'), min: 0, max: 65535 }),
  host: text('HOST', said('0.0.0.0')),
  key: secret('KEY', { description: 'A key.' }),
  on: flag('ON', said('true')),
  limit: bytes('LIMIT', { ...said('10M'), min: 1024, max: 2 ** 30 }),
  wait: duration('WAIT', said('15s')),
  mode: oneOf('MODE', ['fallback', 'allowlist'], said('fallback')),
  names: list('NAMES', said('')),
  part: fraction('PART', said('1')),
  collector: endpoint('COLLECTOR', { description: 'Where to.' }),
  sent: headers('SENT', { description: 'What else.' }),
  url: urls('URL', ['nats'], said('nats://localhost:4222')),
}

describe('settings', () => {
  test('have their defaults when nothing is set, or only emptiness, or a reference that nobody resolved', () => {
    const values = { port: 8080, host: '0.0.0.0', key: undefined, on: true, limit: 10 * 1024 * 1024, wait: 15_000, mode: 'fallback', names: [], part: 1, collector: undefined, sent: {}, url: 'nats://localhost:4222' }
    expect(readSettings(settings, {})).toEqual(values)
    expect(readSettings(settings, { PORT: ' ', KEY: '', HOST: '${HOST}' })).toEqual(values)
  })

  test('are read from the environment', () => {
    const environment = { PORT: '1', KEY: 'k', ON: '0', LIMIT: '512K', WAIT: '1m30s', MODE: 'ALLOWLIST', NAMES: 'a, b,', URL: 'nats://a:1,nats://b:2' }
    expect(readSettings(settings, environment)).toMatchObject({ port: 1, key: 'k', on: false, limit: 524_288, wait: 90_000, mode: 'allowlist', names: ['a', 'b'], url: 'nats://a:1,nats://b:2' })
  })

  test.each([['500ms', 500], ['30', 30_000], ['0.5', 500], ['2h', 7_200_000], ['1m500ms', 60_500]])('take %s as a duration', (given, ms) => {
    expect(readSettings(settings, { WAIT: given }).wait).toBe(ms)
  })

  test('take headers as OpenTelemetry writes them', () => {
    const values = readSettings(settings, { PART: '.25', COLLECTOR: 'https://collector:4318/base', SENT: 'x-key=a%20b, Authorization=Basic YQ==,' })
    expect(values).toMatchObject({ part: 0.25, collector: 'https://collector:4318/base', sent: { 'x-key': 'a b', Authorization: 'Basic YQ==' } })
  })

  test('that are wrong are all named at once, without their values', () => {
    const wrong = { PORT: '99999', ON: 'perhaps', LIMIT: 'hidden', WAIT: '3 days', MODE: 'other', PART: '1.5', COLLECTOR: 'collector:4317', SENT: 'hidden', URL: 'http://x' }
    let error: unknown
    try {
      readSettings(settings, wrong)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigurationError)
    const { message, problems } = error as ConfigurationError
    expect(problems).toHaveLength(9)
    for (const name of Object.keys(wrong)) expect(message).toContain(`${name} must be`)
    expect(message).not.toContain('hidden')
  })
})
