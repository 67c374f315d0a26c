import type { Trace } from '@gomodel/bus'
import { openLog, openTracing, type Tracing } from '@gomodel/service'
import { type Behaviour, type ReceivedSpan, serverError, startOtlpReceiver } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { KEY, TRACE } from './fixtures/generator.ts'
import { textOf, workerWith } from './fixtures/worker.ts'

/** A worker and its caller, each with its own tracing to one collector. */
async function traced(environment: Record<string, string>, ...behaviours: Behaviour[]) {
  const receiver = await startOtlpReceiver()
  onTestFinished(() => receiver.stop())
  const open = async (service: string): Promise<Tracing> => {
    const tracing = await openTracing({ endpoint: receiver.url, headers: {}, sampleRatio: 1, service, instanceId: 'one', log: openLog('test', 'silent'), collector: { failing: false } })
    onTestFinished(() => tracing.close())
    return tracing
  }
  const [caller, tracing] = [await open('ingress'), await open('provider-worker')]
  const worker = await workerWith(environment, behaviours, { tracing })
  const { port } = new URL(worker.upstream.url)
  const root = caller.span('root', { kind: 'server', parent: undefined })
  /** Everything that was recorded, in the order in which it began. */
  const spans = async (): Promise<ReceivedSpan[]> => {
    root.end()
    await Promise.all([caller.close(), tracing.close()])
    return receiver.spans.toSorted((a, b) => a.startedAt - b.startedAt)
  }
  return { ...worker, port: Number(port), spans, call: (trace: Trace = root.trace) => worker.call('openai', trace) }
}

const parentIn = (traceparent: unknown) => String(traceparent).split('-')[2]

describe('a trace', () => {
  test('goes from the caller through the worker to the provider', async () => {
    const { call, upstream, spans, port } = await traced({}, { deltas: 5 })
    await textOf(await call())
    const [root, chat, post, ...others] = await spans()
    expect(others).toEqual([])
    expect(root).toMatchObject({ name: 'root', service: 'gomodel-ingress', parentSpanId: undefined })
    expect(chat).toMatchObject({ name: 'chat gpt-5', kind: 'server', service: 'gomodel-provider-worker', traceId: root?.traceId, parentSpanId: root?.spanId, status: 'unset' })
    expect(chat?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 5,
      'gateway.endpoint': 'chat',
      'gateway.provider.instance': 'openai',
      'gateway.request_id': 'r',
    })
    expect(post).toMatchObject({ name: 'POST', kind: 'client', traceId: root?.traceId, parentSpanId: chat?.spanId, status: 'unset', events: [{ name: 'gen_ai.first_token' }] })
    expect(post?.attributes).toEqual({
      'http.request.method': 'POST',
      'url.full': `${upstream.url}/chat/completions`,
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.status_code': 200,
    })
    expect(upstream.requests[0]?.headers.traceparent).toBe(`00-${root?.traceId}-${post?.spanId}-01`)
  })

  test('shows every try', async () => {
    const { call, upstream, spans } = await traced({}, serverError(503), { fault: { kind: 'hang-up' } }, {})
    await textOf(await call())
    const [, chat, ...posts] = await spans()
    expect(chat).toMatchObject({ name: 'chat gpt-5', status: 'unset' })
    expect(posts.map(({ status, attributes }) => [status, attributes['error.type'], attributes['http.response.status_code'], attributes['http.request.resend_count']])).toEqual([
      ['error', 'provider_failed', 503, undefined],
      ['error', 'provider_failed', undefined, 1],
      ['unset', undefined, 200, 2],
    ])
    expect(new Set(posts.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([chat?.spanId]))
    expect(upstream.requests.map(({ headers }) => parentIn(headers.traceparent))).toEqual(posts.map(({ spanId }) => spanId))
  })

  test('shows how an answer broke, and holds nothing of what was said, nor the key', async () => {
    const { call, spans } = await traced({}, { pieces: ['the secret answer', '!', '!'], fault: { kind: 'error', after: 2 } })
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'stream_broken' })
    const recorded = await spans()
    expect(recorded.map(({ name, status, attributes, message }) => [name, status, attributes['error.type'], message])).toEqual([
      ['root', 'unset', undefined, ''],
      ['chat gpt-5', 'error', 'stream_broken', ''],
      ['POST', 'error', 'stream_broken', ''],
    ])
    expect(JSON.stringify(recorded)).not.toMatch(/secret|The server had an error/)
    expect(JSON.stringify(recorded)).not.toContain(KEY)
  })

  test('of a caller who says that it is not recorded is handed on and not recorded', async () => {
    const { call, upstream, spans } = await traced({}, {})
    const unrecorded = { ...TRACE, traceparent: TRACE.traceparent.replace(/01$/, '00') }
    await textOf(await call(unrecorded))
    expect((await spans()).map(({ name }) => name)).toEqual(['root'])
    expect(upstream.requests[0]?.headers).toMatchObject(unrecorded)
  })
})
