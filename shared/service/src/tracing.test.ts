import { describe, expect, test } from 'vitest'
import { noTracing } from './tracing.ts'

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' }

describe('without a collector', () => {
  test('a trace is handed on as it came', () => {
    const span = noTracing.span('a', { kind: 'server', parent: TRACE })
    expect(noTracing.enabled).toBe(false)
    expect(span.trace).toBe(TRACE)
    span.set({ a: 1 })
    span.event('b')
    span.end({ code: 'internal' })
    expect(span.trace).toBe(TRACE)
  })

  test('a request without a trace gets one that nobody records', () => {
    const [one, other] = [1, 2].map(() => noTracing.span('a', { kind: 'server', parent: undefined }).trace)
    expect(one?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(other).not.toEqual(one)
  })
})
