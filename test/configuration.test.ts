import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess, startUpstream, until, type RunningProcess } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authorized, chat, MASTER_KEY, post } from './gateway.ts'

const SECRETS = { main: 'sk-of-main', groq: 'gsk-of-groq', broken: 'sk-of-broken' }

interface Line {
  level: string
  msg: string
  service: string
  [field: string]: unknown
}

interface Started {
  readonly folder: string
  readonly url: string
  readonly process: RunningProcess
  /** The events that were logged with these words. */
  said(msg: string): Line[]
  models(): Promise<string[]>
}

/** The gateway as `npm start` runs it, in a folder where nothing but these two files is. */
async function startIn(files: (port: number) => { env: string; yaml: string }): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-start-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const { env, yaml } = files(port)
  writeFileSync(join(folder, '.env'), env)
  writeFileSync(join(folder, 'config.yaml'), yaml)
  const process = startProcess('services/standalone/src/main.ts', { cwd: folder })
  onTestFinished(async () => void (await process.stop()))
  const url = `http://127.0.0.1:${port}`
  const lines = () => process.output.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Line)
  return {
    folder,
    url,
    process,
    said: msg => lines().filter(line => line.msg.includes(msg)),
    models: async () => ((await (await fetch(`${url}/v1/models`, { headers: authorized })).json()) as { data: { id: string }[] }).data.map(({ id }) => id),
  }
}

const env = (groqUrl: string): string => `
# As GoModel's template has it.
GOMODEL_MASTER_KEY=${MASTER_KEY}
LOGGING_ENABLED=true
STORAGE_TYPE=
GROQ_API_KEY=${SECRETS.groq}
GROQ_BASE_URL=${groqUrl}
MAIN_KEY="${SECRETS.main}"
`

const yaml = (port: number, mainUrl: string, alias: string): string => `
server:
  host: \${TEST_HOST:-127.0.0.1}
  port: \${TEST_PORT:-${port}}
cache:
  response:
    simple: { enabled: false }
guardrails:
  enabled: true
providers:
  main:
    type: openai
    base_url: ${mainUrl}
    api_key: \${MAIN_KEY}
  broken:
    type: opnai
    api_key: ${SECRETS.broken}
aliases:
  fast: ${alias}
`

describe('a gateway in a folder with a .env and a config.yaml of GoModel', () => {
  test('serves what is right, names what is wrong, tells in one line what has no effect, and follows changes', async () => {
    const main = await startUpstream(undefined, ['gpt-test'])
    onTestFinished(() => main.stop())
    const groq = await startUpstream(undefined, ['llama'])
    onTestFinished(() => groq.stop())
    const gateway = await startIn(port => ({ env: env(groq.url), yaml: yaml(port, main.url, 'main/gpt-test') }))
    const { said, url, folder, process } = gateway

    await until(async () => (await gateway.models()).includes('groq/llama') && (await gateway.models()).includes('main/gpt-test'), { what: 'both providers to list their models', timeoutMs: 20_000 })
    expect((await gateway.models()).filter(id => /broken|simulat/.test(id))).toEqual([])

    expect(said('left out')).toMatchObject([{ level: 'error', problems: ['providers.broken.type is unknown, the nearest is openai'], leftOut: ['broken'] }])
    expect(said('has no effect')).toMatchObject([{ level: 'warn', settings: ['LOGGING_ENABLED: there is no audit log yet', 'guardrails.enabled: there are no guardrails yet'] }])

    const answered = async () => (await post(url, chat({ model: 'fast' }))).headers.get('x-gomodel-provider')
    expect(await answered()).toBe('main')
    expect(main.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRETS.main}`)

    const changed = yaml(Number(new URL(url).port), main.url, 'groq/llama').replace('127.0.0.1}', 'localhost}')
    writeFileSync(join(folder, 'new.yaml'), changed)
    renameSync(join(folder, 'new.yaml'), join(folder, 'config.yaml'))
    await process.waitFor('the configuration changed and is in force')
    await until(async () => (await answered()) === 'groq', { what: 'the alias to mean the other model' })
    expect(said('only after a restart')).toMatchObject([{ changed: ['server.host'] }])

    writeFileSync(join(folder, 'config.yaml'), 'alaises: { fast: main/gpt-test }')
    await process.waitFor('is not valid')
    expect(said('is not valid')).toMatchObject([{ problems: ['alaises is unknown, the nearest is aliases'] }])
    expect(await answered()).toBe('groq')
    for (const secret of [...Object.values(SECRETS), MASTER_KEY]) expect(process.output).not.toContain(secret)
  })

  test('does not start where a setting is wrong, and names all of them', async () => {
    const { process } = await startIn(() => ({ env: 'PORT=99999\nLOG_LEVEL=loud', yaml: 'servre: { host: x }\nresilience: { retry: { max_retries: many } }' }))
    expect((await process.exited).code).toBe(1)
    expect(process.output.trim()).toMatch(/^bad configuration: LOG_LEVEL must be [^;]*; PORT must be [^;]*; resilience\.retry\.max_retries must be [^;]*; servre is unknown, the nearest is server$/)
  })
})
