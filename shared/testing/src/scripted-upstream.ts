import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Behaviour, RecordedRequest, Script } from './behaviour.ts'
import { modelList } from './upstream-answers.ts'
import { type Progress, perform } from './upstream-writer.ts'

/** A provider on loopback that speaks the OpenAI dialect and does what its script says. */
export interface Upstream extends AsyncDisposable {
  /** The base address, with /v1. */
  readonly url: string
  readonly port: number
  /** All requests but the listings of models, in the order in which they came. */
  readonly requests: readonly RecordedRequest[]
  readonly modelListings: readonly RecordedRequest[]
  readonly openConnections: number
  /** May be exchanged at any time. */
  script: Script
  /** What GET /v1/models lists, or how it fails. */
  models: readonly string[] | Behaviour
  /** Stops listening and drops every connection: the next one is refused. */
  refuse(): Promise<void>
  /** Listens again on the same port. */
  accept(): Promise<void>
  stop(): Promise<void>
}

/** Starts an upstream; without a script every answer is a good one. */
export async function startUpstream(script: Script = () => ({}), models: Upstream['models'] = ['gpt-4o-mini']): Promise<Upstream> {
  const requests: RecordedRequest[] = []
  const modelListings: RecordedRequest[] = []
  const connections = new Set<Socket>()
  const settings = { script, models, refusing: false }

  const choose = (record: Progress): Behaviour | Promise<Behaviour> => {
    if (record.method !== 'GET' || !/\/models(\?|$)/.test(record.path)) {
      requests.push(record)
      return settings.script(record)
    }
    modelListings.push(record)
    const { models: listed } = settings
    return isList(listed) ? { body: modelList(listed) } : listed
  }
  // A provider keeps its idle connections longer than a test lasts.
  const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
    void serve(request, response, { choose, dropped: () => settings.refusing })
  })
  server.on('connection', (socket) => {
    socket.setNoDelay(true)
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })

  const port = await listen(server, 0)
  const refuse = async (): Promise<void> => {
    settings.refusing = true
    server.close()
    const closed = [...connections].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of connections) socket.destroy()
    await Promise.all(closed)
  }
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    modelListings,
    get openConnections() {
      return connections.size
    },
    get script() {
      return settings.script
    },
    set script(next) {
      settings.script = next
    },
    get models() {
      return settings.models
    },
    set models(next) {
      settings.models = next
    },
    refuse,
    async accept() {
      await listen(server, port)
      settings.refusing = false
    },
    stop: refuse,
    [Symbol.asyncDispose]: refuse,
  }
}

interface Serving {
  choose: (record: Progress) => Behaviour | Promise<Behaviour>
  /** It was the upstream that ended the connection. */
  dropped: () => boolean
}

async function serve(request: IncomingMessage, response: ServerResponse, { choose, dropped }: Serving): Promise<void> {
  const leaving = new AbortController()
  const record: Progress = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.alloc(0),
    json: {},
    receivedAt: performance.now(),
    deltasWritten: 0,
    finished: false,
    aborted: false,
    abortedAt: undefined,
  }
  response.on('error', () => undefined)
  response.on('close', () => {
    if (!record.finished && !response.writableFinished && !dropped()) {
      record.aborted = true
      record.abortedAt = performance.now()
    }
    leaving.abort()
  })
  try {
    record.body = await bodyOf(request)
    record.json = objectOf(record.body)
    await perform({ record, response, gone: leaving.signal }, await choose(record))
  } catch (thrown) {
    if (leaving.signal.aborted) return
    if (response.headersSent) response.destroy()
    else response.writeHead(599).end(`the script failed: ${String(thrown)}`)
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function objectOf(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body.toString())
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

const isList = (models: Upstream['models']): models is readonly string[] => Array.isArray(models)
