import { createHash, randomBytes } from 'node:crypto'
import { freePort, startUpstream, until, type Behaviour, type RecordedRequest, type Upstream } from '@gomodel/testing'
import OpenAI, { ConflictError, NotFoundError, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { authorized, MASTER_KEY, PROVIDER_KEY, startCluster, type Cluster } from './gateway.ts'

const EAST_KEY = 'sk-of-the-east'
const ANTHROPIC_KEY = 'sk-ant-provider'
const MIB = 1024 * 1024

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const jsonl = (lines: readonly object[]) => lines.map(line => `${JSON.stringify(line)}\n`).join('')
const missing = (what: string): Behaviour => ({ status: 404, body: { error: { message: `No such ${what}`, type: 'invalid_request_error', param: 'id', code: null } } })

/** A provider that keeps files and runs batches as OpenAI does. */
class Account {
  readonly files = new Map<string, { about: { id: string; object: string; purpose: string }; content: Buffer }>()
  readonly batches = new Map<string, Record<string, unknown>>()
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  readonly script = ({ method, path, body, json, headers }: RecordedRequest): Behaviour => {
    const [, , kind, id = '', more] = path.split('?')[0]!.split('/')
    if (kind === 'files' && id === '') return method === 'POST' ? this.#upload(body, String(headers['content-type'])) : { body: { object: 'list', data: [...this.files.values()].map(({ about }) => about), has_more: false } }
    if (kind === 'files') return this.#file(method, id, more)
    if (kind !== 'batches') return {}
    if (method === 'POST' && id === '') return this.#create(json)
    const batch = this.batches.get(id)
    if (!batch) return missing('batch')
    if (more === 'cancel') batch.status = 'cancelling'
    return { body: batch }
  }

  finish(id: string, lines: readonly object[]): void {
    const file = this.#keep('batch_output', Buffer.from(jsonl(lines)))
    Object.assign(this.batches.get(id)!, { status: 'completed', output_file_id: file })
  }

  #keep(purpose: string, content: Buffer): string {
    const id = `file-${this.#name}-${this.files.size}`
    this.files.set(id, { about: { id, object: 'file', purpose }, content })
    return id
  }

  #upload(body: Buffer, contentType: string): Behaviour {
    const boundary = /boundary=(\S+)/.exec(contentType)![1]!
    const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1).map(part => {
      const [head = '', ...rest] = part.split('\r\n\r\n')
      return { name: /name="(\w+)"/.exec(head)![1]!, content: Buffer.from(rest.join('\r\n\r\n').slice(0, -2), 'latin1') }
    })
    const id = this.#keep(parts.find(({ name }) => name === 'purpose')!.content.toString(), parts.find(({ name }) => name === 'file')!.content)
    return { body: this.files.get(id)!.about }
  }

  #file(method: string, id: string, more: string | undefined): Behaviour {
    const found = this.files.get(id)
    if (!found) return missing('File object')
    if (method === 'DELETE') return this.files.delete(id) ? { body: { id, object: 'file', deleted: true } } : {}
    return more === 'content' ? { headers: { 'content-type': 'application/octet-stream' }, body: found.content } : { body: found.about }
  }

  #create({ metadata, input_file_id }: RecordedRequest['json']): Behaviour {
    const id = `batch-${this.#name}-${this.batches.size}`
    const batch = { id, object: 'batch', status: 'in_progress', input_file_id, metadata, output_file_id: null }
    this.batches.set(id, batch)
    return { body: batch }
  }
}

describe('what providers do themselves, over NATS', () => {
  const [main, east] = [new Account('main'), new Account('east')]
  let upstreams: Record<'openai' | 'east' | 'anthropic', Upstream>
  let gateway: Cluster
  let client: OpenAI
  let metricsUrl: string

  beforeAll(async () => {
    upstreams = { openai: await startUpstream(main.script, ['gpt-test']), east: await startUpstream(east.script, ['gpt-east']), anthropic: await startUpstream(() => ({}), ['claude-test']) }
    const metricsPort = String(await freePort())
    gateway = await startCluster(upstreams.openai, {
      env: {
        BODY_SIZE_LIMIT: '64M',
        METRICS_PORT: metricsPort,
        OPENAI_EAST_API_KEY: EAST_KEY,
        OPENAI_EAST_BASE_URL: upstreams.east.url,
        ANTHROPIC_API_KEY: ANTHROPIC_KEY,
        ANTHROPIC_BASE_URL: upstreams.anthropic.url,
      },
    })
    metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`
    client = new OpenAI({ apiKey: MASTER_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  }, 60_000)
  afterAll(async () => {
    await gateway?.stop()
    for (const upstream of Object.values(upstreams ?? {})) await upstream.stop()
  })

  /** Tokens that an instance has spent, by type. */
  async function spent(provider: string, type: string): Promise<number> {
    const line = (await (await fetch(metricsUrl)).text()).split('\n').find(each => each.startsWith('gateway_tokens_total{') && each.includes(`provider="${provider}"`) && each.includes(`type="${type}"`))
    return Number(line?.split(' ').at(-1) ?? 0)
  }

  const to = (provider: string) => ({ query: { provider } })

  test('the SDK keeps files where it says, and finds them wherever they are', async () => {
    const content = randomBytes(100_000)
    const made = await client.files.create({ file: await toFile(content, 'data.bin'), purpose: 'user_data' }, to('openai-east'))
    expect(made).toMatchObject({ id: 'file-east-0', purpose: 'user_data' })
    expect(hash(east.files.get(made.id)!.content)).toBe(hash(content))
    expect(upstreams.east.requests.at(-1)!.headers['authorization']).toBe(`Bearer ${EAST_KEY}`)
    expect((await client.files.retrieve(made.id)).id).toBe(made.id)
    const read = Buffer.from(await (await client.files.content(made.id)).arrayBuffer())
    expect(hash(read)).toBe(hash(content))
    const other = await client.files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'user_data' }, to('openai'))
    const listed: { id: string; provider?: string }[] = []
    for await (const file of client.files.list({ limit: 1 })) listed.push(file)
    expect(listed.map(({ id, provider }) => [id, provider])).toEqual([[other.id, 'openai'], [made.id, 'openai-east']])
    expect(await client.files.delete(made.id)).toMatchObject({ deleted: true })
    await expect(client.files.retrieve(made.id)).rejects.toBeInstanceOf(NotFoundError)
  })

  test('the SDK runs a batch whose requests name models as the gateway does, and its cost is counted once', async () => {
    const line = (model: string) => ({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: { model, messages: [{ role: 'user', content: 'openai-east/hello' }] } })
    const input = await client.files.create({ file: await toFile(Buffer.from(jsonl([line('openai-east/gpt-east'), line('gpt-east')])), 'in.jsonl'), purpose: 'batch' }, to('openai-east'))
    expect(east.files.get(input.id)!.content.toString()).toBe(jsonl([line('gpt-east'), line('gpt-east')]))
    const metadata = { provider: 'openai-east', mine: 'kept' }
    const batch = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata })
    expect(east.batches.get(batch.id)).toMatchObject({ metadata })
    expect((await client.batches.retrieve(batch.id)).status).toBe('in_progress')
    const results = () => client.get(`/batches/${batch.id}/results`).asResponse()
    const early = await results().catch((thrown: unknown) => thrown)
    expect(early).toBeInstanceOf(ConflictError)
    expect((early as ConflictError).code).toBe('in_progress')

    const answers = [1, 2].map(id => ({ id, response: { status_code: 200, body: { usage: { prompt_tokens: 1000, completion_tokens: 50 } } } }))
    east.finish(batch.id, answers)
    const before = [await spent('openai-east', 'input'), await spent('openai-east', 'output')]
    for (let time = 0; time < 3; time++) expect(await (await results()).text()).toBe(jsonl(answers))
    await until(async () => (await spent('openai-east', 'input')) > before[0]!, { what: 'the batch to be counted' })
    expect([await spent('openai-east', 'input'), await spent('openai-east', 'output')]).toEqual([before[0]! + 2000, before[1]! + 100])
    expect((await client.batches.cancel(batch.id)).status).toBe('cancelling')
  })

  test('a stream in Anthropic’s own API passes byte for byte, and what it cost is counted', async () => {
    const events = [
      { type: 'message_start', message: { model: 'claude-test', usage: { input_tokens: 700, cache_read_input_tokens: 30, output_tokens: 1 } } },
      ...Array.from({ length: 20 }, (_, index) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `Wört ${index}` } })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 60 } },
      { type: 'message_stop' },
    ]
    upstreams.anthropic.script = () => ({ events, deltaDelayMs: 2, writeSize: 17, headers: { 'anthropic-organization-id': 'org', 'set-cookie': 'a=b' } })
    const body = JSON.stringify({ model: 'claude-test', stream: true, messages: [] })
    const response = await fetch(`${gateway.url}/p/anthropic/v1/messages?beta=true`, { method: 'POST', body, headers: { ...authorized, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'thing-1', cookie: 'c' } })
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-gomodel-provider'), response.headers.get('anthropic-organization-id')]).toEqual([200, 'text/event-stream; charset=utf-8', 'anthropic', 'org'])
    expect(response.headers.has('set-cookie')).toBe(false)
    expect(await response.text()).toBe(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''))
    const sent = upstreams.anthropic.requests.at(-1)!
    expect([sent.path, sent.body.toString()]).toEqual(['/v1/messages?beta=true', body])
    expect(sent.headers).toMatchObject({ 'x-api-key': ANTHROPIC_KEY, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'thing-1' })
    for (const name of ['authorization', 'cookie']) expect(sent.headers).not.toHaveProperty(name)
    await until(async () => (await spent('anthropic', 'output')) === 60, { what: 'the stream to be counted' })
    expect([await spent('anthropic', 'input'), await spent('anthropic', 'cached_input')]).toEqual([700, 30])
  })

  test('a client that leaves stops the provider', async () => {
    upstreams.anthropic.script = () => ({ events: Array.from({ length: 5000 }, (_, index) => ({ index })), deltaDelayMs: 5 })
    const leaving = new AbortController()
    const response = await fetch(`${gateway.url}/p/anthropic/messages`, { method: 'POST', body: '{}', headers: authorized, signal: leaving.signal })
    await response.body!.getReader().read()
    leaving.abort()
    await until(() => upstreams.anthropic.requests.at(-1)!.aborted, { what: 'the provider to be left' })
  })

  test('32 MB go up and come down as they were', async () => {
    const content = randomBytes(32 * MIB)
    const made = await client.files.create({ file: await toFile(content, 'large.bin'), purpose: 'user_data' }, to('openai'))
    expect(hash(main.files.get(made.id)!.content)).toBe(hash(content))
    expect(hash(Buffer.from(await (await client.files.content(made.id)).arrayBuffer()))).toBe(hash(content))
  })

  test('each instance of a type is reached by its name with its own key', async () => {
    for (const [instance, upstream, key] of [['openai', upstreams.openai, PROVIDER_KEY], ['openai-east', upstreams.east, EAST_KEY]] as const) {
      const { script } = upstream
      onTestFinished(() => void (upstream.script = script))
      upstream.script = () => ({ status: 418, body: { from: instance } })
      const response = await fetch(`${gateway.url}/p/${instance}/v1/anything`, { headers: authorized })
      expect([response.status, await response.json()]).toEqual([418, { from: instance }])
      expect(upstream.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v1/anything', headers: { authorization: `Bearer ${key}` } })
    }
  })

  test('no key is in what the services logged', () => {
    for (const { output } of gateway.processes) for (const key of [MASTER_KEY, PROVIDER_KEY, EAST_KEY, ANTHROPIC_KEY]) expect(output).not.toContain(key)
  })
})
