import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberedContent, startUpstream, until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { PROVIDER_KEY, authorized, listed, startCluster, startStandalone, type Gateway } from './gateway.ts'

const MODEL = 'groq/gpt-test'

async function upstreamOf(deltas: number) {
  const upstream = await startUpstream(() => ({ deltas }), ['gpt-test'])
  onTestFinished(() => upstream.stop())
  return { upstream, env: { GROQ_API_KEY: PROVIDER_KEY, GROQ_BASE_URL: upstream.url, RESPONSE_CACHE_SIMPLE_ENABLED: 'true' } }
}

/** Asks, and gives what came with where it came from. */
async function ask({ url }: Gateway, body: object) {
  const answer = await fetch(`${url}/v1/responses`, { method: 'POST', headers: authorized, body: JSON.stringify({ model: MODEL, ...body }) })
  return { status: answer.status, cache: answer.headers.get('x-cache'), text: await answer.text() }
}

const lastResponse = (events: string): unknown => (JSON.parse(/data: (.*)\n\n$/.exec(events)?.[1] ?? '{}') as { response?: unknown }).response

test('a response is answered from the cache in the form that is wanted, but not one that depends on an earlier one', async () => {
  const { upstream, env } = await upstreamOf(5)
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startStandalone(upstream, { ...env, DATA_DIR: folder })
  onTestFinished(() => gateway.stop())
  await listed(gateway.url, MODEL)
  const whole = await ask(gateway, { input: 'hello' })
  expect(whole).toMatchObject({ status: 200, cache: 'MISS' })
  const again = await until(async () => {
    const answer = await ask(gateway, { input: 'hello' })
    return answer.cache === 'HIT (exact)' && answer
  }, { what: 'a hit' })
  expect(again.text).toBe(whole.text)
  const streamed = await ask(gateway, { input: 'hello', stream: true })
  expect(streamed.cache).toBe('HIT (exact)')
  expect(streamed.text.startsWith('event: response.created\n')).toBe(true)
  expect(lastResponse(streamed.text)).toEqual(JSON.parse(whole.text))
  const { id } = JSON.parse(whole.text) as { id: string }
  for (const body of [{ previous_response_id: id }, { previous_response_id: id }, { background: false, previous_response_id: id }]) expect((await ask(gateway, { input: 'and?', ...body })).cache).toBe('BYPASS')
})

test.each([['gateway', MODEL], ['provider', 'openai/gpt-test']])('a response that the %s keeps does not come again out of the cache when it was deleted', async (_, model) => {
  const { upstream, env } = await upstreamOf(3)
  let made = 0
  const responseOf = (id: string) => ({ id, object: 'response', created_at: 1, status: 'completed', model: 'gpt-test', output: [], usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 } })
  if (model !== MODEL) upstream.script = ({ method, path }) => ({ body: method === 'POST' ? responseOf(`resp_${++made}`) : { ...responseOf(path.split('/').at(-1)!), ...(method === 'DELETE' && { deleted: true }) } })
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const gateway = await startStandalone(upstream, { ...env, DATA_DIR: folder })
  onTestFinished(() => gateway.stop())
  await listed(gateway.url, model)
  const idOf = ({ text }: { text: string }) => (JSON.parse(text) as { id: string }).id
  const first = await ask(gateway, { model, input: 'hello' })
  await until(async () => (await ask(gateway, { model, input: 'hello' })).cache === 'HIT (exact)', { what: 'a hit' })
  expect((await fetch(`${gateway.url}/v1/responses/${idOf(first)}`, { method: 'DELETE', headers: authorized })).status).toBe(200)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toMatch(/^# HELP gateway_cache_invalidated_total .*by a client that deleted its response/m)
  expect(metrics).toContain('gateway_cache_invalidated_total{layer="exact",selector="entry"} 1\n')
  const next = await ask(gateway, { model, input: 'hello' })
  expect(next).toMatchObject({ status: 200, cache: 'MISS' })
  expect(idOf(next)).not.toBe(idOf(first))
  expect((await fetch(`${gateway.url}/v1/responses/${idOf(next)}`, { headers: authorized })).status).toBe(200)
  await until(async () => idOf(await ask(gateway, { model, input: 'hello' })) === idOf(next), { what: 'a hit of the new one' })
})

test('where no response store is, answers are given and not kept; what asks for kept ones is told to come back', async () => {
  const { upstream, env } = await upstreamOf(4)
  const gateway = await startCluster(upstream, { env })
  onTestFinished(() => gateway.stop())
  await listed(gateway.url, MODEL)
  const whole = JSON.parse((await ask(gateway, { input: 'hello' })).text) as { id: string; output: [{ content: [{ text: string }] }] }
  expect(whole.output[0].content[0].text).toBe(numberedContent(4))
  expect((await ask(gateway, { input: 'hello again', stream: true })).text).toContain('event: response.completed\n')
  for (const path of [whole.id, `${whole.id}/input_items`]) {
    const refused = await fetch(`${gateway.url}/v1/responses/${path}`, { headers: authorized })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(await refused.json()).toMatchObject({ error: { code: 'response_store_unavailable', type: 'server_error' } })
  }
  expect(await ask(gateway, { input: 'and?', previous_response_id: whole.id })).toMatchObject({ status: 503 })
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/gateway_responses_kept_total\{verdict="unavailable"\} 2/)
  expect(gateway.ingress.output.split('responses cannot be kept for now')).toHaveLength(2)
})
