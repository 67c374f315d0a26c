import { expect, test } from 'vitest'
import { KEY, TRACE } from '../fixtures/generator.ts'
import type { Provider } from '../provider.ts'
import { openAiDialect } from '../providers/openai/dialect.ts'
import { requestHeaders, responseHeaders } from './relay-headers.ts'

const provider: Provider = { ...openAiDialect({ name: 'p', type: 'openai', apiKey: KEY, baseUrl: 'http://a' }), headers: ['Content-Type', 'application/json', 'x-api-key', KEY, 'anthropic-version', '2023-06-01', 'X-Title', 'GoModel'] }

function told(headers: [string, string][]): [string, string][] {
  const flat = requestHeaders(provider, { requestId: 'r-1', method: 'POST', path: '/', headers }, TRACE)
  return flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1]!]] : []))
}

test('the instance gives its key, the client everything else', () => {
  expect(told([['content-type', 'multipart/form-data; boundary=x'], ['anthropic-version', '2099-01-01'], ['anthropic-beta', 'a'], ['anthropic-beta', 'b'], ['accept', 'text/event-stream'], ['accept-encoding', 'gzip'], ['traceparent', 'theirs']])).toEqual([
    ['content-type', 'multipart/form-data; boundary=x'],
    ['anthropic-version', '2099-01-01'],
    ['anthropic-beta', 'a'],
    ['anthropic-beta', 'b'],
    ['accept', 'text/event-stream'],
    ['x-api-key', KEY],
    ['x-title', 'GoModel'],
    ['accept-encoding', 'identity'],
    ['x-client-request-id', 'r-1'],
    ['traceparent', TRACE.traceparent],
    ['tracestate', 'a=b'],
  ])
})

test('no credential of the client goes on, whatever the instance has itself', () => {
  const names = told([['authorization', 'Bearer theirs'], ['x-api-key', 'theirs'], ['api-key', 'theirs'], ['x-goog-api-key', 'theirs'], ['cookie', 'theirs'], ['proxy-authorization', 'theirs'], ['expect', '100-continue']])
  expect(JSON.stringify(names)).not.toContain('theirs')
  expect(names.map(([name]) => name)).toEqual(['x-api-key', 'anthropic-version', 'x-title', 'accept-encoding', 'x-client-request-id', 'traceparent', 'tracestate'])
})

test('what a provider says of its connection, its address or its key does not reach the client', () => {
  const headers = {
    'content-type': 'image/png',
    'content-length': '3',
    'x-multi': ['a', 'b'],
    connection: 'keep-alive, X-Hop',
    'x-hop': '1',
    'transfer-encoding': 'chunked',
    'set-cookie': ['session=1'],
    'alt-svc': 'h3=":443"',
    'strict-transport-security': 'max-age=1',
    'x-gomodel-provider': 'another gateway',
    'x-echo': `you sent ${KEY}`,
  }
  expect(responseHeaders(headers, KEY)).toEqual([['content-type', 'image/png'], ['content-length', '3'], ['x-multi', 'a'], ['x-multi', 'b']])
})
