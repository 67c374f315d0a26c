import { describe, expect, test } from 'vitest'
import { ConfigurationError } from './configuration-error.ts'
import type { ConfigTree } from './parse-config.ts'
import { bytes, duration, endpoint, flag, fraction, headers, integer, list, oneOf, optionalText, readSettings, secret, sourceOf, text, urls } from './settings.ts'

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

describe('settings with a place in the YAML file', () => {
  const placed = {
    port: integer('PORT', { ...said('8080'), yaml: 'server.port', min: 0, max: 65535 }),
    wait: duration('WAIT', { ...said('15s'), yaml: 'server.wait', also: { env: 'GO_WAIT', yaml: 'http.wait' } }),
    names: list('NAMES', { ...said(''), yaml: 'names' }),
    sent: headers('SENT', { description: 'What else.', yaml: 'sent' }),
    path: optionalText('FILE_PATH', { description: 'A file.', yaml: 'path' }),
  }
  const fileWith = (content: ConfigTree) => ({ path: 'config.yaml', content })
  const file = fileWith({ server: { port: 9000, wait: '2s' }, http: { wait: 3 }, names: ['a', 'b'], sent: { 'x-key': 'a b,c=', authorization: 'Basic YQ==' }, path: null })

  test('take what stands there: lists, maps, numbers; nothing where it is empty', () => {
    expect(readSettings(placed, {}, file)).toEqual({ port: 9000, wait: 2000, names: ['a', 'b'], sent: { 'x-key': 'a b,c=', authorization: 'Basic YQ==' }, path: undefined })
  })

  test('are overridden by their variables, also those of another name, and fall back to their default', () => {
    expect(readSettings(placed, { PORT: '1', GO_WAIT: '1s' }, file)).toMatchObject({ port: 1, wait: 1000 })
    expect(readSettings(placed, { PORT: '', WAIT: '4s', GO_WAIT: '1s' }, file)).toMatchObject({ port: 9000, wait: 4000 })
    expect(readSettings(placed, {}, fileWith({ server: { port: '${PORT}' }, http: { wait: '3s' } }))).toMatchObject({ port: 8080, wait: 3000 })
  })

  test('say who said them', () => {
    const sources = [sourceOf(placed.wait, { GO_WAIT: '1s' }, file), sourceOf(placed.wait, {}, file), sourceOf(placed.wait, {}, fileWith({ http: { wait: 3 } })), sourceOf(placed.wait, {})]
    expect(sources).toEqual([
      { text: '1s', kind: 'environment', name: 'GO_WAIT' },
      { text: '2s', kind: 'file', name: 'server.wait' },
      { text: '3', kind: 'file', name: 'http.wait' },
      { text: '15s', kind: 'default', name: 'WAIT' },
    ])
  })

  test('that are wrong are named by who said them', () => {
    expect(() => readSettings(placed, { PORT: 'x' }, fileWith({ server: { wait: 'long', port: 1 } }))).toThrow(/PORT must be a whole number.*; server\.wait must be a duration/)
    expect(() => readSettings(placed, { GO_WAIT: 'x' })).toThrow('GO_WAIT must be a duration')
  })

  test('do not look up what every object has', () => {
    expect(sourceOf({ ...placed.path, yaml: 'constructor.name' }, {}, fileWith({})).text).toBeUndefined()
  })
})
