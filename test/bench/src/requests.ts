import type { Job } from './job.ts'
import { NUMBER_PLACE, requestBody } from './traffic.ts'

/** Gives what one connection sends next. */
export type Requests = () => Buffer

const REPEATED = 64
// The numbers below are those of the requests that are repeated.
let next = REPEATED

/** The requests of a job by connection: 64 in turn where hits are wanted, else none twice in the life of this process, so that no cache can know it. */
export function requestsOf(job: Job, key: string): (connection: number) => Requests {
  const body = requestBody(job.model, job.stream)
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

function headOf({ port, headers }: Job, key: string, length: number): Buffer {
  const lines = [
    'POST /v1/chat/completions HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    `content-length: ${length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
