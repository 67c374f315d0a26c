import { describe, expect, test } from 'vitest'
import { openAiDialect } from '../providers/openai/dialect.ts'
import { relayPath } from './relay-path.ts'

const instanceOf = (type: string, baseUrl: string) => ({ name: type, type, apiKey: undefined, baseUrl, models: [], rank: 0 })
const asked = (path: string, more: object = {}) => ({ requestId: 'r', method: 'GET' as const, headers: [], path, ...more })

function pathOf(type: string, baseUrl: string, request: ReturnType<typeof asked>): string {
  const instance = instanceOf(type, baseUrl)
  const { path, basePath } = relayPath(instance, openAiDialect(instance), request)
  return (basePath ?? new URL(baseUrl).pathname) + path
}

describe('where a relayed request goes', () => {
  test.each([
    ['openai', 'http://a/v1', '/chat/completions?x=1&y', true, '/v1/chat/completions?x=1&y'],
    ['openai', 'http://a/v1', '/v1/models', true, '/v1/models'],
    ['openai', 'http://a/v1', '/v1?x', true, '/v1?x'],
    ['openai', 'http://a/v1', '/v1/models', false, '/v1/v1/models'],
    ['openai', 'http://a/v1', '/v1beta/models', true, '/v1/v1beta/models'],
    ['zai', 'http://a/api/paas/v4', '/v1/chat/completions', true, '/api/paas/v4/chat/completions'],
    ['vllm', 'http://a/v1', '/chat/completions', true, '/v1/chat/completions'],
    ['vllm', 'http://a/v1', '/v1/score', true, '/v1/score'],
    ['vllm', 'http://a/v1', '/tokenize', true, '/tokenize'],
    ['vllm', 'http://a/v1', '/metrics?name=x', true, '/metrics?name=x'],
    ['vllm', 'http://a/v1', '/chatter', true, '/chatter'],
    ['vllm', 'http://a/below/v1', '/metrics', true, '/below/metrics'],
    ['vllm', 'http://a/v1', '/v1/models', false, '/v1/models'],
    ['openai', 'http://a/v1', '/files/a..b', true, '/v1/files/a..b'],
    ['openai', 'http://a/v1', '/files/100%25', true, '/v1/files/100%25'],
    ['openai', 'http://a/v1', '/files/a%20b', true, '/v1/files/a%20b'],
  ])('%s at %s: %s, the alias %s, is %s', (...[type, baseUrl, path, v1Alias, expected]) => {
    expect(pathOf(type, baseUrl, asked(path, { v1Alias }))).toBe(expected)
  })

  test('of a resource is where the adapter says, its query included', () => {
    const request = asked('/files?limit=2', { resource: 'files' })
    expect(pathOf('openai', 'http://a/v1', request)).toBe('/v1/files?limit=2')
    for (const base of ['http://a', 'http://a/openai', 'http://a/openai/deployments/d']) {
      expect(pathOf('azure', base, request)).toBe('/openai/files?limit=2&api-version=2024-10-21')
      expect(pathOf('azure', base, asked('/batches', { resource: 'batches' }))).toBe('/openai/batches?api-version=2024-10-21')
    }
    expect(pathOf('azure', 'http://a/openai/v1', request)).toBe('/openai/v1/files?limit=2')
  })

  test.each(['/..', '/../admin', '/files/../../x', '/a/.', '/%2e%2e/x', '/.%2E/x', '/..%2fx', '/%252e%252e/x', '/%25252e%25252e%25252fx', '/a\\..\\b', '/a%5c..%5cb', '/%zz/%2e%2e/x', '/a%00b', '/a%0d%0ab'])('refuses %s', path => {
    for (const more of [{}, { resource: 'files' }, { v1Alias: true }]) expect(() => pathOf('openai', 'http://a/v1', asked(path, more))).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
