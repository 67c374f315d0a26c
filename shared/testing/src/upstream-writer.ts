import type { ServerResponse } from 'node:http'
import { setTimeout as sleep, setImmediate as nextTick } from 'node:timers/promises'
import { type Behaviour, type RecordedRequest, errorBody } from './behaviour.ts'
import { type Answer, answerTo, event } from './upstream-answers.ts'

/** The parts of a record that change while its answer is written. */
export type Progress = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] }

/** An exchange under way: its record, its socket, and whether the client is still there. */
export interface Exchange {
  record: Progress
  response: ServerResponse
  gone: AbortSignal
}

const PROVIDER_ERROR = errorBody(500, 'The server had an error while processing your request', 'server_error')

/** Acts out a behaviour, faults and all, no faster than the client reads; throws when the client goes away. */
export async function perform(exchange: Exchange, behaviour: Behaviour): Promise<void> {
  const { fault } = behaviour
  if (fault?.kind === 'never') return stall(exchange)
  if (fault?.kind === 'hang-up') return sever(exchange)
  await pause(exchange, behaviour.headDelayMs)
  const answer = answerTo(exchange.record, behaviour)
  await ('deltas' in answer ? performStream(exchange, behaviour, answer) : performBody(exchange, behaviour, answer))
}

async function performStream(exchange: Exchange, behaviour: Behaviour, { head, deltas, tail }: Extract<Answer, { deltas: string[] }>): Promise<void> {
  const { response, record } = exchange
  const { fault, writeSize } = behaviour
  response.writeHead(behaviour.status ?? 200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...behaviour.headers })
  response.flushHeaders()
  for (const text of head) await write(exchange, text, writeSize)
  for (let index = 0; index <= deltas.length; index++) {
    if (fault && 'after' in fault && fault.after === index && (await broken(exchange, behaviour))) return
    const text = deltas[index]
    if (text === undefined) break
    await pause(exchange, index === 0 ? behaviour.firstDeltaDelayMs : behaviour.deltaDelayMs)
    await write(exchange, text, writeSize)
    record.deltasWritten++
  }
  for (const text of tail) await write(exchange, text, writeSize)
  await end(exchange)
}

async function performBody(exchange: Exchange, behaviour: Behaviour, answer: { body: unknown; status?: number }): Promise<void> {
  const { response } = exchange
  const { fault } = behaviour
  const body = fault?.kind === 'error' ? PROVIDER_ERROR : answer.body
  const whole = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
  const headers = { 'content-type': 'application/json', ...behaviour.headers }
  const status = answer.status ?? behaviour.status ?? 200
  if (!fault || fault.kind === 'error') {
    response.writeHead(status, { 'content-length': whole.length, ...headers })
    await write(exchange, whole, behaviour.writeSize)
    return end(exchange)
  }
  response.writeHead(status, headers)
  await write(exchange, whole.subarray(0, whole.length >> 1), behaviour.writeSize)
  if (!(await broken(exchange, behaviour))) await end(exchange)
}

/** Commits the fault, and says whether that was the end of the answer. */
async function broken(exchange: Exchange, { fault, writeSize }: Behaviour): Promise<boolean> {
  switch (fault?.kind) {
    case 'cut':
    case 'reset':
      await flushed(exchange)
      sever(exchange, fault.kind === 'reset')
      return true
    case 'end':
      await end(exchange)
      return true
    case 'stall':
      await stall(exchange)
      return true
    case 'error':
      await write(exchange, event(PROVIDER_ERROR), writeSize)
      await end(exchange)
      return true
    case 'garbage':
      await write(exchange, event('{"choices":[{"delta":{"content":<html>'), writeSize)
      return false
    default:
      return false
  }
}

async function write(exchange: Exchange, data: string | Buffer, writeSize = Infinity): Promise<void> {
  const bytes = Buffer.from(data)
  for (let start = 0; start < bytes.length; start += writeSize) {
    exchange.gone.throwIfAborted()
    if (!exchange.response.write(bytes.subarray(start, start + writeSize))) await drained(exchange)
    // Node joins the writes of one tick.
    if (writeSize !== Infinity) await nextTick()
  }
}

function drained({ response, gone }: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      response.off('drain', drain)
      reject(new Error('the client went away'))
    }
    const drain = (): void => {
      gone.removeEventListener('abort', leave)
      resolve()
    }
    response.once('drain', drain)
    gone.addEventListener('abort', leave, { once: true })
  })
}

/** Waits until what was written is the kernel's: what is torn down before that is lost. */
async function flushed({ response, gone }: Exchange): Promise<void> {
  while ((response.socket?.writableLength ?? 0) > 0 || response.writableLength > 0) {
    gone.throwIfAborted()
    await nextTick()
  }
  await nextTick()
}

async function end({ response, record }: Exchange): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.end(() => {
      record.finished = true
      resolve()
    })
  })
}

async function stall({ gone }: Exchange): Promise<void> {
  if (gone.aborted) return
  await new Promise((resolve) => {
    gone.addEventListener('abort', resolve, { once: true })
  })
}

function sever({ response, record }: Exchange, reset = false): void {
  // Ours to end: the record must not say that the client did.
  record.finished = true
  if (reset) response.socket?.resetAndDestroy()
  else response.socket?.destroy()
}

async function pause({ gone }: Exchange, ms = 0): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: gone })
}
