import { GatewayError } from '@gomodel/contracts'
import { noTracing } from '@gomodel/service'
import { type Behaviour, badRequest, errorWith200, rateLimited, serverError, unauthorized } from '@gomodel/testing'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { textOf, workerWith } from './fixtures/worker.ts'
import { workerMetrics } from './observe.ts'
import { WatchedAttempt } from './watched-attempt.ts'

/** Every value that Prometheus would read, by its name and labels. */
async function valuesOf(metrics: Registry): Promise<Record<string, number>> {
  const lines = (await metrics.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

const of = (name: string, labels = '') => `gateway_${name}{provider="openai"${labels}}`
const outcome = (kind: string) => of('upstream_requests_total', `,outcome="${kind}"`)
const tokens = (type: string) => of('tokens_total', `,type="${type}"`)

describe('the metrics of a worker', () => {
  test('tell of an answer that went well', async () => {
    const { call, heard, metrics } = await workerWith({}, [{ deltas: 5, deltaDelayMs: 20 }])
    await expect.poll(() => heard.at(-1)?.models.length, eventually).toBe(2)
    await textOf(await call())
    const values = await valuesOf(metrics)
    expect(values).toMatchObject({
      [outcome('ok')]: 1,
      [of('upstream_retries_total')]: 0,
      [of('upstream_first_token_seconds_count')]: 1,
      [of('upstream_seconds_count')]: 1,
      [of('breaker_state')]: 0,
      [of('worker_in_flight')]: 0,
      [of('upstream_queue')]: 0,
      [of('worker_models')]: 2,
      [tokens('input')]: 7,
      [tokens('cached_input')]: 0,
      [tokens('output')]: 5,
      [tokens('reasoning')]: 0,
    })
    expect(values[of('upstream_token_gap_seconds_count')]).toBeGreaterThan(0)
    expect(values[of('upstream_seconds_sum')]).toBeGreaterThanOrEqual(values[of('upstream_first_token_seconds_sum')]!)
  })

  test('count every try', async () => {
    const { call, metrics } = await workerWith({}, [serverError(503), rateLimited(), {}])
    await textOf(await call())
    const values = await valuesOf(metrics)
    expect(values).toMatchObject({ [outcome('overload')]: 1, [outcome('rate')]: 1, [outcome('ok')]: 1, [of('upstream_retries_total')]: 2, [of('upstream_seconds_count')]: 1, [of('upstream_first_token_seconds_count')]: 1 })
  })

  test.each([
    ['caller', badRequest()],
    ['key', unauthorized()],
    ['rate', rateLimited(30)],
    ['overload', errorWith200()],
    ['transport', { fault: { kind: 'hang-up' } }],
    ['protocol', { body: { choices: [{ index: 0, message: { content: 'whole' }, finish_reason: 'stop' }] } }],
    ['timeout', { fault: { kind: 'never' } }],
  ] satisfies [string, Behaviour][])('say that a try ended with %s', async (kind, behaviour) => {
    const { call, metrics } = await workerWith({ RETRY_MAX_RETRIES: '0', UPSTREAM_FIRST_TOKEN_TIMEOUT: '500ms' }, [behaviour])
    await expect(call().then(textOf)).rejects.toBeInstanceOf(GatewayError)
    const values = await valuesOf(metrics)
    expect(values).toMatchObject({ [outcome(kind)]: 1, [of('upstream_retries_total')]: 0, [of('upstream_seconds_count')]: 0, [outcome('ok')]: 0 })
    expect(values[tokens('output')]).toBe(0)
  })

  test('say that an answer broke off, and what it is thought to have cost', async () => {
    const { call, metrics } = await workerWith({ RETRY_MAX_RETRIES: '0' }, [{ deltas: 9, fault: { kind: 'cut', after: 3 } }])
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'stream_broken' })
    const values = await valuesOf(metrics)
    expect(values).toMatchObject({ [outcome('transport')]: 1, [outcome('ok')]: 0 })
    expect(values[tokens('output')]).toBeGreaterThanOrEqual(3)
  })

  test('show the breaker, and count no call that it kept back', async () => {
    const { call, metrics } = await workerWith({ CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3', CIRCUIT_BREAKER_TIMEOUT: '2s' }, [serverError(503)])
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    expect(await valuesOf(metrics)).toMatchObject({ [outcome('overload')]: 3 })
    await expect.poll(async () => (await valuesOf(metrics))[of('breaker_state')], eventually).toBe(1)
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    expect(await valuesOf(metrics)).toMatchObject({ [outcome('overload')]: 4, [of('breaker_state')]: 2 })
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
    expect(await valuesOf(metrics)).toMatchObject({ [outcome('overload')]: 4 })
  })

  test('show what is under way', async () => {
    const { call, metrics, upstream } = await workerWith({}, [{ fault: { kind: 'never' } }])
    const answer = call().catch(() => undefined)
    await expect.poll(() => upstream.requests.length, eventually).toBe(1)
    expect(await valuesOf(metrics)).toMatchObject({ [of('worker_in_flight')]: 1 })
    await upstream.stop()
    await answer
  })
})

test('the gap after a pause of the reader is not counted', async () => {
  const metrics = new Registry()
  const count = async () => (await valuesOf(metrics))[of('upstream_token_gap_seconds_count')]
  const observed = workerMetrics(metrics)('openai', { breaker: () => 'closed', inFlight: () => 0, queued: () => 0, models: () => 0 })
  const attempt = new WatchedAttempt({ span: noTracing.span('POST', { kind: 'client', parent: undefined }), metrics: observed, streamed: true, bodyLength: 0, report: () => undefined })
  attempt.piece()
  attempt.resumed()
  attempt.piece()
  expect(await count()).toBe(0)
  attempt.piece()
  expect(await count()).toBe(1)
})
