import type { Job } from './job.ts'
import { NUMBER_PLACE, requestBody, type Dialect } from './traffic.ts'

/** Gives what one connection sends next. */
export type Requests = () => Buffer

const REPEATED = 64
// The numbers below are those of the requests that are repeated.
let next = REPEATED

/** The requests of a job by connection: 64 in turn where hits are wanted, else none twice in the life of this process, so that no cache can know it. */
export function requestsOf(job: Job, key: string): (connection: number) => Requests {
  const body = requestBody(job)
  const head = headOf(job, key, body.length)
  const numberAt = head.length + body.indexOf(NUMBER_PLACE)
  const blank = (): Buffer => Buffer.concat([head, body])
  const number = (request: Buffer, value: number): Buffer => {
    request.write(String(value).padStart(NUMBER_PLACE.length, '0'), numberAt, 'latin1')
    return request
  }
  if (!job.repeat) {
    return () => {
      // It can be written over: when the next one is due, the last one has been sent and answered.
      const request = blank()
      return () => number(request, next++)
    }
  }
  const repeated = Array.from({ length: REPEATED }, (_, value) => number(blank(), value))
  return connection => {
    let at = connection
    return () => repeated[at++ % REPEATED]!
  }
}

/** Where a client of a dialect asks, and how it says who it is. */
const WANTS: Readonly<Record<Dialect, { readonly path: string; readonly lines: (key: string) => readonly string[] }>> = {
  chat: { path: '/v1/chat/completions', lines: key => [`authorization: Bearer ${key}`] },
  messages: { path: '/v1/messages', lines: key => [`x-api-key: ${key}`, 'anthropic-version: 2023-06-01'] },
}

function headOf({ dialect, port, headers }: Job, key: string, length: number): Buffer {
  const { path, lines: own } = WANTS[dialect]
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    ...own(key),
    'content-type: application/json',
    `content-length: ${length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
