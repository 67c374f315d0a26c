import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { numberedContent, REPOSITORY, startNats, startUpstream, until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { chat, post, readEvents, startServices } from './gateway.ts'

test('with the permissions that we ship the services do their work, and a worker can neither read requests beside the others nor speak for the ingress', async () => {
  const config = readFileSync(join(REPOSITORY, 'infra/nats-permissions.conf'), 'utf8').replace('$NATS_INGRESS_PASSWORD', '"one"').replace('$NATS_WORKER_PASSWORD', '"two"')
  const nats = await startNats({ config })
  onTestFinished(() => nats.stop())
  const upstream = await startUpstream(() => ({ deltas: 30, deltaDelayMs: 2 }), ['gpt-test'])
  onTestFinished(() => upstream.stop())
  const as = (user: string) => nats.url.replace('nats://', `nats://${user}@`)
  const services = await startServices(upstream, { nats, ingressNatsUrl: as('ingress:one'), workerNatsUrl: as('provider-worker:two') })
  onTestFinished(() => services.stop())
  expect(readEvents(await (await post(services.url, chat({ stream: true }))).text())).toMatchObject({ content: numberedContent(30), done: true })
  expect((await post(services.url, chat({ filler: 'x'.repeat(2_000_000) }))).status).toBe(200)
  for (const { output } of services.processes) expect(output).not.toContain('denies')

  const socket = connect(nats.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let said = ''
  socket.on('data', data => (said += data.toString()))
  socket.write('CONNECT {"user":"provider-worker","pass":"two","verbose":false}\r\nSUB gw.v1.req.generate.openai 1\r\nSUB _R.ingress.> 2\r\nPUB gw.v1.req.generate.openai 0\r\n\r\nPING\r\n')
  await until(() => said.includes('PONG'), { what: 'the server to answer' })
  expect(said).toContain('Permissions Violation for Subscription to "gw.v1.req.generate.openai"')
  expect(said).toContain('Permissions Violation for Subscription to "_R.ingress.>"')
  expect(said).toContain('Permissions Violation for Publish to "gw.v1.req.generate.openai"')
})
