import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bus, openBus } from '@gomodel/bus'
import { answered, attempted, type EventOf } from '@gomodel/contracts'
import { type Behaviour, inTurn, serverError, startNats, startUpstream, until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { authorized, chat, listed, post, startServices, startStandalone } from './gateway.ts'

function configFile(text: string): { path: string; write: (text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-routing-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.yaml')
  const write = (content: string) => writeFileSync(path, content)
  write(text)
  return { path, write }
}

async function upstream(models: string[], ...behaviours: Behaviour[]) {
  const started = await startUpstream(behaviours.length === 0 ? () => ({}) : inTurn(...behaviours), models)
  onTestFinished(() => started.stop())
  return started
}

const asked = (url: string, model: string, more: Record<string, unknown> = {}) => post(url, chat({ model, ...more }))

test('an alias is switched by one line of the file, without a restart', async () => {
  const [west, east] = [await upstream(['gpt-test']), await upstream(['gpt-test', 'other'])]
  const file = configFile('aliases:\n  fast: openai/gpt-test\n')
  const gateway = await startStandalone(west, { OPENAI_EAST_API_KEY: 'sk-east', OPENAI_EAST_BASE_URL: east.url, CONFIG_FILE: file.path })
  onTestFinished(gateway.stop)
  await listed(gateway.url, 'openai-east/other')

  expect((await asked(gateway.url, 'fast')).headers.get('x-gomodel-provider')).toBe('openai')
  const models = (await (await fetch(`${gateway.url}/v1/models`, { headers: authorized })).json()) as { data: { id: string }[] }
  expect(models.data.map(({ id }) => id)).toContain('fast')

  file.write('aliases:\n  fast: openai-east/other\n')
  await until(async () => (await asked(gateway.url, 'fast')).headers.get('x-gomodel-provider') === 'openai-east', { what: 'the alias to be switched', timeoutMs: 10_000, everyMs: 100 })
  expect(JSON.parse(String(east.requests.filter(({ path }) => path.endsWith('/chat/completions')).at(-1)?.body))).toMatchObject({ model: 'other' })

  file.write('aliases:\n  fast: {targets: []}\n')
  await until(() => gateway.processes[0]!.output.includes('aliases.fast'), { what: 'the broken file to be named', timeoutMs: 10_000, everyMs: 100 })
  expect((await asked(gateway.url, 'fast')).headers.get('x-gomodel-provider')).toBe('openai-east')
}, 40_000)

test('what fails at one instance is asked of the next, and a header, the metrics and an event say so; the fallback is not cached', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const [west, east] = [await upstream(['gpt-test'], serverError()), await upstream(['gpt-test'])]
  const file = configFile('fallback:\n  mode: manual\naliases:\n  fast:\n    targets: [{ model: openai/gpt-test }]\n    fallback: [openai-east/gpt-test]\n')
  const env = { OPENAI_EAST_API_KEY: 'sk-east', OPENAI_EAST_BASE_URL: east.url, CONFIG_FILE: file.path, RETRY_MAX_RETRIES: '0', RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }
  const cluster = await startServices(west, { nats, env, caches: [{}] })
  onTestFinished(cluster.stop)
  await listed(cluster.url, 'openai-east/gpt-test')
  const listener: Bus = openBus(nats.url, 'test')
  onTestFinished(() => listener.close())
  const told: EventOf<typeof answered>[] = []
  const attempts: EventOf<typeof attempted>[] = []
  listener.on(answered, event => void told.push(event))
  listener.on(attempted, event => void attempts.push(event))
  await listener.flush()

  for (const stream of [false, true]) {
    for (let i = 0; i < 2; i++) {
      const answer = await asked(cluster.url, 'fast', { stream })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-gomodel-fallback')).toBe('openai-east/gpt-test')
      expect(answer.headers.get('x-gomodel-provider')).toBe('openai-east')
      expect(answer.headers.get('x-cache')).toBe('MISS')
      await answer.text()
    }
  }
  await expect.poll(() => told, { timeout: 5000 }).toHaveLength(4)
  expect(told[0]).toMatchObject({ endpoint: 'chat', asked: 'fast', instance: 'openai-east', model: 'gpt-test', fallback: true, cache: 'miss', status: 200 })
  await expect.poll(() => attempts.map(({ instance, outcome }) => `${instance} ${outcome}`).slice(0, 2), { timeout: 5000 }).toEqual(['openai overload', 'openai-east ok'])
  expect(attempts.filter(({ outcome }) => outcome === 'ok')[0]).toMatchObject({ usage: { source: 'final' } })
  const metrics = await (await fetch(`${cluster.url}/metrics`)).text()
  expect(metrics).toContain('gateway_fallbacks_total{from="openai",to="openai-east"} 4')
}, 60_000)

test('what is the caller’s fault is not asked of anybody else', async () => {
  const refusal: Behaviour = { status: 400, body: { error: { message: 'no such voice', type: 'invalid_request_error', param: 'voice', code: null } } }
  const [west, east] = [await upstream(['gpt-test'], refusal), await upstream(['gpt-test'])]
  const file = configFile('fallback:\n  mode: auto\n')
  const gateway = await startStandalone(west, { OPENAI_EAST_API_KEY: 'sk-east', OPENAI_EAST_BASE_URL: east.url, CONFIG_FILE: file.path })
  onTestFinished(gateway.stop)
  await listed(gateway.url, 'openai-east/gpt-test')
  const answer = await asked(gateway.url, 'gpt-test')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { message: 'no such voice', param: 'voice' } })
  expect(east.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toHaveLength(0)
}, 30_000)
