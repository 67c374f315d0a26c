import { mkdtempSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, numberedContent, REPOSITORY, startNats, startProcess, startUpstream, until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { SEMANTIC } from './cache-asking.ts'
import { authorized, chat, environmentFor, listed, post, readEvents, startServices } from './gateway.ts'

test('with the permissions that we ship the services do their work, and a worker can neither read requests beside the others nor speak for the ingress, nor can a cache', async () => {
  const config = readFileSync(join(REPOSITORY, 'infra/nats-permissions.conf'), 'utf8').replace('$NATS_INGRESS_PASSWORD', '"one"').replace('$NATS_WORKER_PASSWORD', '"two"').replace('$NATS_EXACT_CACHE_PASSWORD', '"three"').replace('$NATS_RESPONSE_STORE_PASSWORD', '"four"').replace('$NATS_SEMANTIC_CACHE_PASSWORD', '"five"')
  const nats = await startNats({ config })
  onTestFinished(() => nats.stop())
  const upstream = await startUpstream(() => ({ deltas: 30, deltaDelayMs: 2 }), ['gpt-test'])
  onTestFinished(() => upstream.stop())
  const as = (user: string) => nats.url.replace('nats://', `nats://${user}@`)
  const services = await startServices(upstream, {
    nats,
    env: SEMANTIC,
    caches: [{ NATS_URL: as('exact-cache:three') }],
    stores: [{ NATS_URL: as('response-store:four'), DATA_DIR: mkdtempSync(join(tmpdir(), 'gomodel-')) }],
    semantic: [{ NATS_URL: as('semantic-cache:five'), DATA_DIR: mkdtempSync(join(tmpdir(), 'gomodel-')) }],
    ingressNatsUrl: as('ingress:one'),
    workerNatsUrl: as('provider-worker:two'),
  })
  onTestFinished(() => services.stop())
  expect(readEvents(await (await post(services.url, chat({ stream: true }))).text())).toMatchObject({ content: numberedContent(30), done: true })
  expect((await post(services.url, chat({ filler: 'x'.repeat(2_000_000) }))).status).toBe(200)
  await until(async () => (await post(services.url, chat())).headers.get('x-cache') === 'HIT (exact)', { what: 'an answer from the cache' })
  expect((await fetch(`${services.url}/v1/files`, { headers: authorized })).headers.get('x-gomodel-provider')).toBe('openai')
  expect((await fetch(`${services.url}/v1/responses/resp_1`, { headers: authorized })).status).toBe(404)
  const port = await freePort()
  const second = startProcess('services/ingress/src/main.ts', { env: { ...environmentFor(upstream, { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }), NATS_URL: as('ingress:one'), PORT: String(port), OPENAI_API_KEY: undefined } })
  onTestFinished(async () => void (await second.stop()))
  await listed(`http://127.0.0.1:${port}`, 'openai/gpt-test')
  let asked = 0
  await until(async () => {
    const question = chat({ stream: true, seed: ++asked })
    const [led, followed] = [await post(services.url, question), await post(`http://127.0.0.1:${port}`, question)]
    expect(await followed.text()).toBe(await led.text())
    return followed.headers.get('x-cache') === 'HIT (shared)'
  }, { what: 'an answer of the other ingress', timeoutMs: 10_000 })
  const none = { matched: 0, removed: 0 }
  await until(async () => {
    const counted = await fetch(`${services.url}/admin/api/v1/cache/invalidate`, { method: 'POST', headers: authorized, body: JSON.stringify({ everything: true }) })
    const { exact, semantic, unavailable } = (await counted.json()) as { exact: object; semantic: object; unavailable: string[] }
    expect([exact, semantic]).not.toContainEqual(none)
    return unavailable.length === 0
  }, { what: 'the caches to be emptied' })
  const limited = await fetch(`${services.url}/admin/api/v1/cache/invalidate`, { method: 'POST', headers: authorized, body: JSON.stringify({ entry: 'e'.repeat(43), wrong_at: 0.94 }) })
  expect(await limited.json()).toMatchObject({ unavailable: [] })
  for (const { output } of [...services.processes, second]) expect(output).not.toContain('denies')

  const denied = (subject: string, verb = 'Subscription') => `Permissions Violation for ${verb} to "${subject}"`
  const worker = await said(nats.port, 'provider-worker', 'two', 'SUB gw.v1.req.generate.openai 1\r\nSUB _R.ingress.> 2\r\nSUB gw.v1.req.relay.openai 3\r\nSUB gw.v1.dir.flight.> 4\r\nPUB gw.v1.req.generate.openai 0\r\n\r\nPUB gw.v1.evt.cache_invalidated 0\r\n\r\n')
  for (const line of [denied('gw.v1.req.generate.openai'), denied('gw.v1.req.relay.openai'), denied('gw.v1.dir.flight.>'), denied('_R.ingress.>'), denied('gw.v1.req.generate.openai', 'Publish'), denied('gw.v1.evt.cache_invalidated', 'Publish')]) expect(worker).toContain(line)
  const cache = await said(nats.port, 'exact-cache', 'three', 'SUB gw.v1.ask.exact_lookup 1\r\nSUB gw.v1.dir.generate.> 2\r\nPUB gw.v1.req.generate.openai 0\r\n\r\nPUB gw.v1.ask.semantic_invalidate 0\r\n\r\n')
  const store = await said(nats.port, 'response-store', 'four', 'SUB gw.v1.req.response_get.responses 1\r\nSUB gw.v1.ask.exact_lookup 2\r\nPUB gw.v1.req.generate.openai 0\r\n\r\n')
  for (const line of [denied('gw.v1.req.response_get.responses'), denied('gw.v1.ask.exact_lookup'), denied('gw.v1.req.generate.openai', 'Publish')]) expect(store).toContain(line)
  for (const line of [denied('gw.v1.ask.exact_lookup'), denied('gw.v1.dir.generate.>'), denied('gw.v1.req.generate.openai', 'Publish'), denied('gw.v1.ask.semantic_invalidate', 'Publish')]) expect(cache).toContain(line)
})

/** What the server answers to lines of somebody who is not one of our services. */
async function said(port: number, user: string, password: string, lines: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', data => (text += data.toString()))
  socket.write(`CONNECT ${JSON.stringify({ user, pass: password, verbose: false })}\r\n${lines}PING\r\n`)
  await until(() => text.includes('PONG'), { what: 'the server to answer' })
  return text
}
