import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { inTurn, serverError, startUpstream } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { providersOf } from './fixtures/providers-of.ts'
import { textOf, workerWith } from './fixtures/worker.ts'

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<{ url: string; connections: () => number }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, connections: () => connections }
}

test('providers that do not answer at the start, or are not there, neither delay nor stop the others', async () => {
  const silent = await silentServer()
  const { heard, call } = await workerWith({ OPENAI_A_BASE_URL: silent.url, OPENAI_B_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_C_BASE_URL: 'http://nowhere.invalid/v1', OPENAI_C_MODELS: 'configured' })
  const modelsOf = (instance: string) => heard.findLast(said => said.instance === instance)?.models.map(({ id }) => id)
  await expect.poll(() => modelsOf('openai'), eventually).toEqual(['gpt-4o-mini', 'gpt-5'])
  // Still asked, and still without an answer: nobody waited for it.
  expect([silent.connections(), modelsOf('openai-a'), modelsOf('openai-b')]).toEqual([1, [], []])
  expect(await textOf(await call())).toContain('[DONE]')
  await expect.poll(() => modelsOf('openai-c'), eventually).toEqual(['configured'])
})

test('the patience, the retries and the breaker that the file gives one provider hold for it alone', async () => {
  const silent = await silentServer()
  const failing = await startUpstream(inTurn(serverError(503), {}))
  onTestFinished(() => failing.stop())
  const { call } = await workerWith({}, [serverError(503), { headDelayMs: 200 }], {
    providers: providersOf(`
  silent: { type: openai, base_url: "${silent.url}", timeouts: { first_token: 50ms }, resilience: { circuit_breaker: { failure_threshold: 1 } } }
  failing: { type: openai, base_url: "${failing.url}", resilience: { retry: { max_retries: 0 } } }`),
  })
  await expect(call('silent').then(textOf)).rejects.toMatchObject({ code: 'timeout' })
  await expect(call('silent').then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
  await expect(call('failing').then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
  expect(failing.requests).toHaveLength(1)
  expect(await textOf(await call())).toContain('[DONE]')
})

test('a model may have a patience of its own', async () => {
  const silent = await silentServer()
  const { call } = await workerWith({ OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }, [], {
    providers: providersOf(`\n  silent: { type: openai, base_url: "${silent.url}", timeouts: { first_token: 1h }, models: [{ id: gpt-5, timeouts: { first_token: 50ms } }] }`),
  })
  await expect(call('silent').then(textOf)).rejects.toMatchObject({ code: 'timeout' })
})
