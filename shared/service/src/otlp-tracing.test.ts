import { type OtlpReceiver, freePort, startOtlpReceiver } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { recordingLog } from './fixtures/recording-log.ts'
import { type OtlpOptions, OtlpTracing } from './otlp-tracing.ts'

const SAMPLED = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' }
const UNSAMPLED = { ...SAMPLED, traceparent: SAMPLED.traceparent.replace(/01$/, '00') }
const eventually = { timeout: 20_000, interval: 20 }

async function receiving(): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver()
  onTestFinished(() => receiver.stop())
  return receiver
}

function tracingTo(endpoint: string, more: Partial<OtlpOptions> = {}) {
  const { log, lines } = recordingLog()
  const tracing = new OtlpTracing({ endpoint, headers: {}, sampleRatio: 1, service: 'ingress', instanceId: 'one', log, collector: { failing: false }, patience: { batchMs: 20, deliveryMs: 500 }, ...more })
  onTestFinished(() => tracing.close())
  return { tracing, lines }
}

describe('spans', () => {
  test('arrive with all that is known of them, below their parents', async () => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url)
    const outer = tracing.span('outer', { kind: 'server', parent: SAMPLED, attributes: { text: 'a', count: 3, ratio: 0.5, yes: true, list: ['x', 'y'], nothing: undefined } })
    const inner = tracing.span('inner', { kind: 'client', parent: outer.trace })
    inner.event('first_token', { at: 1 })
    inner.end({ code: 'timeout' })
    outer.set({ later: 'b' })
    outer.end()
    await expect.poll(() => receiver.spans.length, eventually).toBe(2)
    const [, traceId, parentSpanId] = SAMPLED.traceparent.split('-')
    const [first, second] = receiver.spans
    expect(second).toMatchObject({ name: 'outer', kind: 'server', traceId, parentSpanId, service: 'gomodel-ingress', status: 'unset', resource: { 'service.instance.id': 'one', 'process.pid': process.pid } })
    expect(second?.attributes).toEqual({ text: 'a', count: 3, ratio: 0.5, yes: true, list: ['x', 'y'], later: 'b' })
    expect(first).toMatchObject({ name: 'inner', kind: 'client', traceId, parentSpanId: second?.spanId, status: 'error', message: '', attributes: { 'error.type': 'timeout' } })
    expect(first?.events).toMatchObject([{ name: 'first_token', attributes: { at: 1 } }])
    expect(first!.startedAt).toBeGreaterThanOrEqual(second!.startedAt)
    expect(outer.trace).toEqual({ traceparent: `00-${traceId}-${second?.spanId}-01`, tracestate: 'a=b' })
  })

  test('are recorded once, however often they end, and never after', async () => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url)
    const span = tracing.span('a', { kind: 'internal', parent: undefined })
    span.end()
    span.end({ code: 'internal' })
    span.set({ late: true })
    await tracing.close()
    expect(receiver.spans).toMatchObject([{ name: 'a', status: 'unset', attributes: {} }])
  })

  test('may have begun earlier than they were told of', async () => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url)
    const startedAt = Date.now() - 60_000
    tracing.span('a', { kind: 'server', parent: undefined, startedAt }).end()
    await tracing.close()
    expect(receiver.spans[0]?.startedAt).toBeCloseTo(startedAt, 1)
    expect(receiver.spans[0]?.endedAt).toBeGreaterThan(startedAt + 59_999)
  })

  test('of a caller who says that it is not recorded are not, and the trace goes on as it came', async () => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url)
    const span = tracing.span('a', { kind: 'server', parent: UNSAMPLED })
    expect(span.trace).toEqual(UNSAMPLED)
    span.end()
    tracing.span('b', { kind: 'server', parent: SAMPLED }).end()
    await tracing.close()
    expect(receiver.spans.map(({ name }) => name)).toEqual(['b'])
  })

  test('that begin a trace are recorded as often as it is set, and what follows them does the same', async () => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url, { sampleRatio: 0.5 })
    const seen = { recorded: 0, not: 0 }
    for (let count = 0; count < 200; count++) {
      const root = tracing.span('root', { kind: 'server', parent: undefined })
      const child = tracing.span('child', { kind: 'client', parent: root.trace })
      const recorded = root.trace.traceparent.endsWith('-01')
      expect(child.trace.traceparent.slice(-2)).toBe(root.trace.traceparent.slice(-2))
      expect(child.trace.traceparent.split('-')[1]).toBe(root.trace.traceparent.split('-')[1])
      seen[recorded ? 'recorded' : 'not']++
      child.end()
      root.end()
    }
    await tracing.close()
    expect(receiver.spans).toHaveLength(2 * seen.recorded)
    expect(Math.min(seen.recorded, seen.not)).toBeGreaterThan(40)
  })

  test.each(['nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'])('below %s begin a trace of their own', async traceparent => {
    const receiver = await receiving()
    const { tracing } = tracingTo(receiver.url)
    const span = tracing.span('a', { kind: 'server', parent: { traceparent, tracestate: 'a=b' } })
    span.end()
    await tracing.close()
    expect(receiver.spans[0]?.parentSpanId).toBeUndefined()
    expect(span.trace).toEqual({ traceparent: `00-${receiver.spans[0]?.traceId}-${receiver.spans[0]?.spanId}-01` })
  })
})

describe('a collector', () => {
  test('is spoken to below its address, with its headers, and the credentials of its address as one of them', async () => {
    const receiver = await receiving()
    const { tracing, lines } = tracingTo(`${receiver.url.replace('//', '//me:pass%20word@')}/`, { headers: { 'x-tenant': 'secret-tenant' } })
    tracing.span('a', { kind: 'internal', parent: undefined }).end()
    await tracing.close()
    expect(receiver.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'secret-tenant', authorization: `Basic ${Buffer.from('me:pass word').toString('base64')}` } })
    expect(receiver.spans).toHaveLength(1)
    expect(lines).toEqual([])
  })

  test('that is away costs one warning without secrets, and closing does not wait for it', async () => {
    const { tracing, lines } = tracingTo(`http://me:password@127.0.0.1:${await freePort()}`, { headers: { authorization: 'Bearer secret' } })
    for (let batches = 0; batches < 4; batches++) {
      tracing.span('a', { kind: 'internal', parent: undefined }).end()
      await new Promise(resolve => setTimeout(resolve, 60))
    }
    await expect.poll(() => lines.length, eventually).toBe(1)
    await tracing.close()
    expect(lines).toMatchObject([{ level: 40, msg: 'traces cannot be delivered', reason: 'ECONNREFUSED' }])
    expect(JSON.stringify(lines)).not.toMatch(/password|secret/)
  })

  test('that refuses and then recovers is told of twice, and gets what comes after', async () => {
    const receiver = await receiving()
    receiver.behaviour = 'refuse'
    const { tracing, lines } = tracingTo(receiver.url)
    const told = () => lines.map(({ msg }) => msg)
    for (let count = 0; count < 3; count++) {
      tracing.span('lost', { kind: 'internal', parent: undefined }).end()
      await expect.poll(() => receiver.requests.length, eventually).toBe(count + 1)
    }
    await expect.poll(told, eventually).toEqual(['traces cannot be delivered'])
    receiver.behaviour = 'accept'
    tracing.span('kept', { kind: 'internal', parent: undefined }).end()
    await expect.poll(() => receiver.spans.map(({ name }) => name), eventually).toEqual(['kept'])
    await expect.poll(told, eventually).toEqual(['traces cannot be delivered', 'traces are delivered again'])
  })

  test('that hangs does not keep a service from ending', async () => {
    const receiver = await receiving()
    receiver.behaviour = 'hang'
    const { tracing } = tracingTo(receiver.url, { patience: { batchMs: 20, deliveryMs: 600_000 } })
    tracing.span('a', { kind: 'internal', parent: undefined }).end()
    await expect.poll(() => receiver.requests.length, eventually).toBe(1)
    // The delivery itself would be waited for until long after this test's time.
    await tracing.close()
    expect(receiver.spans).toEqual([])
  })

  test('that hangs lets spans go rather than keep them all', async () => {
    const receiver = await receiving()
    receiver.behaviour = 'hang'
    const { tracing } = tracingTo(receiver.url, { patience: { batchMs: 20, deliveryMs: 600_000 } })
    const finish = (count: number) => {
      for (let index = 0; index < count; index++) tracing.span('a', { kind: 'internal', parent: undefined }).end()
    }
    finish(1)
    await expect.poll(() => receiver.requests.length, eventually).toBe(1)
    finish(10_000)
    receiver.behaviour = 'accept'
    await tracing.close()
    expect(receiver.spans).toHaveLength(2048)
  })
})
