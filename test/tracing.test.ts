import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type RunningProcess, startOtlpReceiver, startProcess, startUpstream, until } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SEMANTIC } from './cache-asking.ts'
import { authorized, chat, listed, post, PROVIDER_KEY, startCluster, startStandalone } from './gateway.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const CLIENT_SPAN_ID = 'b7ad6b7169203331'
const headers = { ...authorized, traceparent: `00-${TRACE_ID}-${CLIENT_SPAN_ID}-01`, tracestate: 'vendor=x' }

async function upstreamThat() {
  const upstream = await startUpstream(() => ({ pieces: ['the', ' secret answer'] }), ['gpt-test'])
  onTestFinished(() => upstream.stop())
  return upstream
}

async function collector() {
  const receiver = await startOtlpReceiver()
  onTestFinished(() => receiver.stop())
  return receiver
}

describe('a request in a trace', () => {
  test.each(['services over NATS', 'standalone'])('is one trace from the client to the provider, with a name for each service: %s', async shape => {
    const [upstream, receiver] = [await upstreamThat(), await collector()]
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
    await using gateway = shape === 'standalone' ? await startStandalone(upstream, env) : await startCluster(upstream, { env })
    const answer = await post(gateway.url, chat({ stream: true, messages: [{ role: 'user', content: 'the secret question' }] }), { headers })
    expect(await answer.text()).toContain('[DONE]')
    /** From the call of the provider up to where the trace came in. */
    const chain = () => {
      const found = receiver.spans.filter(({ traceId, name }) => traceId === TRACE_ID && name === 'POST')
      while (found[0]) {
        const above = receiver.spans.find(({ spanId }) => spanId === found[0]?.parentSpanId)
        if (!above) break
        found.unshift(above)
      }
      return found
    }
    await until(() => chain()[0]?.parentSpanId === CLIENT_SPAN_ID, { what: 'a whole trace', timeoutMs: 20_000 })
    const [call, worker, ...above] = chain().toReversed()
    expect(upstream.requests[0]?.headers).toMatchObject({ traceparent: `00-${TRACE_ID}-${call?.spanId}-01`, tracestate: 'vendor=x' })
    expect([call?.service, worker?.service]).toEqual(['gomodel-provider-worker', 'gomodel-provider-worker'])
    expect(worker).toMatchObject({ name: 'chat gpt-test', attributes: { 'gateway.request_id': answer.headers.get('x-request-id') } })
    expect(above.length).toBeGreaterThan(0)
    expect(new Set(above.map(({ service }) => service))).toEqual(new Set(['gomodel-ingress']))
    expect(JSON.stringify(receiver.spans)).not.toMatch(/secret/)
    expect(JSON.stringify(receiver.spans)).not.toContain(PROVIDER_KEY)
  })

  test('has what is asked of caches and stores in it, and nothing anywhere when it is not recorded', async () => {
    const [upstream, receiver] = [await upstreamThat(), await collector()]
    const folder = mkdtempSync(join(tmpdir(), 'gomodel-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const env = { ...SEMANTIC, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, GROQ_API_KEY: PROVIDER_KEY, GROQ_BASE_URL: upstream.url, DATA_DIR: folder }
    await using gateway = await startStandalone(upstream, env)
    await listed(gateway.url, 'groq/gpt-test')
    await gateway.processes[0]!.waitFor('"serving"', 20_000)
    /** Asks, goes on from the answer, and looks at it and deletes it, all in one trace. */
    const conversation = async (input: string, traceId: string, flags: string) => {
      const given = { ...authorized, traceparent: `00-${traceId}-${CLIENT_SPAN_ID}-${flags}` }
      const ask = async (more: object) => (await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers: given, body: JSON.stringify({ model: 'groq/gpt-test', input, ...more }) })).json() as Promise<{ id: string }>
      const { id } = await ask({})
      await ask({ previous_response_id: id })
      const { 'content-type': _, ...bodiless } = given
      for (const method of ['GET', 'DELETE']) expect((await fetch(`${gateway.url}/v1/responses/${id}`, { method, headers: bodiless })).status).toBe(200)
    }
    const expected = ['response-store put', 'response-store get', 'response-store delete', 'semantic-cache lookup', 'semantic-cache store', 'exact-cache store', `embeddings ${SEMANTIC.SEMANTIC_CACHE_EMBEDDER_MODEL}`]
    const namesIn = (traceId: string, parents: boolean) => receiver.spans.filter(span => span.traceId === traceId && span.kind !== 'client' && span.kind !== 'producer' && (span.parentSpanId === undefined) !== parents).map(({ name }) => name)
    const whole = (traceId: string) => until(() => expected.every(name => namesIn(traceId, true).includes(name)), { what: `all of ${expected.join(', ')}`, timeoutMs: 20_000 })
    await conversation('How do I prune climbing roses?', TRACE_ID, '01')
    await whole(TRACE_ID)
    await conversation('What is the capital of France?', TRACE_ID.replace('0a', '0b'), '00')
    const last = TRACE_ID.replace('0a', '0c')
    await conversation('Why is the sky blue?', last, '01')
    await whole(last)
    const elsewhere = receiver.spans.filter(({ traceId }) => traceId !== TRACE_ID && traceId !== last)
    // The semantic cache tries its embedder when it starts, which is nobody's request, and the test waits for its model in the list.
    expect(elsewhere.filter(({ kind, name }) => kind !== 'client' && name !== 'GET /v1/models').map(({ name }) => name)).toEqual([expected.at(-1)])
  })
})

test('a collector that is away costs one warning, no secret, and no request', async () => {
  const upstream = await upstreamThat()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:hush@127.0.0.1:${await freePort()}`, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hush' }
  await using gateway = await startStandalone(upstream, env)
  for (let count = 0; count < 3; count++) expect((await post(gateway.url, chat(), { headers })).status).toBe(200)
  const [process] = gateway.processes
  await process?.waitFor('traces cannot be delivered', 20_000)
  expect((await post(gateway.url, chat(), { headers })).status).toBe(200)
  expect(await process?.stop()).toMatchObject({ code: 0 })
  // Each of its services has lost spans by now.
  expect(process?.output.match(/traces cannot be delivered/g)).toHaveLength(1)
  expect(process?.output).not.toContain('hush')
})

const addressOf = async (worker: RunningProcess) => (await worker.waitFor(/"address":"http:[^"]+","msg":"serving health and metrics"/, 20_000)).split('"')[3]

test('a worker serves its own health and metrics', async () => {
  const upstream = await upstreamThat()
  await using cluster = await startCluster(upstream)
  expect((await post(cluster.url, chat())).status).toBe(200)
  const [worker] = cluster.workers
  const address = await addressOf(worker!)
  expect(await (await fetch(`${address}/health`)).json()).toEqual({ status: 'ok' })
  expect((await fetch(`${address}/ready`)).status).toBe(200)
  const [ofWorker, ofIngress] = await Promise.all([address, cluster.url].map(async url => (await fetch(`${url}/metrics`)).text()))
  expect(ofWorker).toContain('gateway_upstream_requests_total{provider="openai",outcome="ok"} 1\n')
  expect(ofWorker).toMatch(/gateway_bus_frames_total\{service="provider-worker",direction="out"\} [1-9]/)
  expect(ofIngress).toMatch(/gateway_bus_frames_total\{service="ingress",direction="in"\} [1-9]/)
  expect(ofWorker).toContain('nodejs_eventloop_utilization')
})

test('a worker without its bus is alive, and says that it is not ready', async () => {
  await using worker = startProcess('services/provider-worker/src/main.ts', { env: { NATS_URL: `nats://127.0.0.1:${await freePort()}`, HOST: '127.0.0.1', METRICS_ENABLED: 'false' } })
  const address = await addressOf(worker)
  expect((await fetch(`${address}/ready`)).status).toBe(503)
  expect((await fetch(`${address}/health`)).status).toBe(200)
  expect((await fetch(`${address}/metrics`)).status).toBe(404)
})
