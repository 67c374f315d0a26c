import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startUpstream, until, type Behaviour, type RecordedRequest } from '@gomodel/testing'
import { authorized, listed, PROVIDER_KEY, startStandalone, type Environment } from './gateway.ts'
import { acted } from './scripted-models.ts'

/** The settings of a gateway whose semantic cache takes almost anything for similar: only what separates requests keeps them apart. */
export const SEMANTIC = {
  RESPONSE_CACHE_SIMPLE_ENABLED: 'true',
  SEMANTIC_CACHE_ENABLED: 'true',
  SEMANTIC_CACHE_EMBEDDER_PROVIDER: 'simulator',
  SEMANTIC_CACHE_EMBEDDER_MODEL: 'simulated-embedding-hashed-ngrams',
  SEMANTIC_CACHE_THRESHOLD: '0.5',
  SEMANTIC_CACHE_MAX_CONV_MESSAGES: '10',
  SIMULATOR_ENABLED: 'true',
}

export const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const
export type Dialect = keyof typeof PATHS

/** One request. */
export interface Sent {
  readonly dialect: Dialect
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back. */
export interface Came {
  readonly status: number
  /** `X-Cache`. */
  readonly verdict: string | null
  readonly age: string | null
  /** The number of the answer: the scripted provider never says one twice. */
  readonly number: number | undefined
  readonly text: string
}

/** A gateway, providers that number their answers, and what is known of both. */
export interface Asking {
  readonly url: string
  ask(sent: Sent): Promise<Came>
  /** What the next answers are like; every request has its own number all the same. */
  answering(change: ((request: RecordedRequest, answer: Behaviour) => Behaviour) | undefined): void
  /** How many answers the providers gave. */
  readonly given: number
  /** How many answers were kept by their meaning. */
  kept(): Promise<number>
  /** Resolves when so many are kept. */
  keptAtLeast(count: number): Promise<void>
  stop(): Promise<void>
}

const ALIASES = 'aliases:\n  quick: openai/gpt-test\n  slow: openai-east/gpt-test\n  wise: anthropic/claude-test\n'

/** Two instances of OpenAI and two of Anthropic, two models each, and an alias or two. */
export async function startAsking(env: Environment = {}): Promise<Asking> {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-asking-'))
  writeFileSync(join(folder, 'config.yaml'), ALIASES)
  const { upstream, answering, given } = await numberedUpstream()
  const stopUpstream = async () => {
    await upstream.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const instances = Object.fromEntries(['OPENAI_EAST', 'ANTHROPIC', 'ANTHROPIC_EAST'].flatMap(name => [[`${name}_API_KEY`, PROVIDER_KEY], [`${name}_BASE_URL`, upstream.url]]))
  try {
    const gateway = await startStandalone(upstream, { ...SEMANTIC, ...instances, CONFIG_FILE: join(folder, 'config.yaml'), ...env })
    const stop = async () => {
      await gateway.stop()
      await stopUpstream()
    }
    try {
      for (const id of ['openai-east/gpt-test', 'anthropic/claude-test', 'anthropic-east/claude-test', 'quick', `simulator/${SEMANTIC.SEMANTIC_CACHE_EMBEDDER_MODEL}`]) await listed(gateway.url, id)
      await until(() => gateway.processes[0]!.output.includes('"serving"'), { what: 'the semantic cache', timeoutMs: 10_000 })
    } catch (thrown) {
      await stop()
      throw thrown
    }
    return { url: gateway.url, ask: sent => ask(gateway.url, sent), answering, get given() { return given() }, kept: () => kept(gateway.url), keptAtLeast: count => keptAtLeast(gateway.url, count), stop }
  } catch (thrown) {
    await stopUpstream()
    throw thrown
  }
}

const BODIES: Readonly<Record<Dialect, (said: string) => object>> = {
  chat: said => ({ model: 'openai/gpt-test', messages: [{ role: 'user', content: said }] }),
  responses: said => ({ model: 'openai/gpt-test', input: said }),
  messages: said => ({ model: 'anthropic/claude-test', max_tokens: 9, messages: [{ role: 'user', content: said }] }),
}

/** What is said beside the words of a question. */
export interface Beside {
  readonly headers?: Readonly<Record<string, string>>
  readonly members?: Readonly<Record<string, unknown>>
}

let partitions = 0

/** Asks of a partition of its own: the words may be the same in each. */
export function partition(asking: Pick<Asking, 'ask'>, dialect: Dialect = 'chat') {
  const knob = ++partitions
  return (said: string, { headers = {}, members = {} }: Beside = {}): Promise<Came> => asking.ask({ dialect, headers, body: JSON.stringify({ ...BODIES[dialect](said), ...members, knob }) })
}

/** A provider in three dialects whose answers are numbered. */
export async function numberedUpstream() {
  let number = 0
  let change: Parameters<Asking['answering']>[0]
  const upstream = await startUpstream(request => {
    // Written in one piece: how an answer is cut is not what is tested.
    const { writeSize: _, ...answer } = acted(request, { text: `said:#${++number}#` })
    return change ? change(request, answer) : answer
  }, ['gpt-test', 'gpt-other', 'claude-test', 'claude-other'])
  return { upstream, answering: (next: typeof change) => void (change = next), given: () => number }
}

/** Sends one request and reads all that comes. */
export async function ask(url: string, { dialect, body, headers }: Sent): Promise<Came> {
  const response = await fetch(`${url}${PATHS[dialect]}`, { method: 'POST', headers: { ...authorized, ...headers }, body })
  const text = await response.text()
  const numbers = new Set([...text.matchAll(/#(\d+)#/g)].map(match => Number(match[1])))
  if (numbers.size > 1) throw new Error(`parts of several answers: ${text}`)
  return { status: response.status, verdict: response.headers.get('x-cache'), age: response.headers.get('age'), number: [...numbers][0], text }
}

/** A metric of a process; 0 where there is none of the name. */
export async function metric(url: string, name: string): Promise<number> {
  const line = (await (await fetch(`${url}/metrics`)).text()).split('\n').find(known => known.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

const kept = (url: string) => metric(url, 'gateway_semantic_cache_stores_total{verdict="stored"}')

const keptAtLeast = async (url: string, count: number) => void (await until(async () => (await kept(url)) >= count, { what: `${count} kept answers`, timeoutMs: 10_000 }))
