/** What a scripted upstream does with one request: data, so that behaviours compose by spreading. */
export interface Behaviour {
  /** 200 unless told. */
  status?: number
  headers?: Record<string, string>
  /** Sent as the whole answer: a string or Buffer as it is, anything else as JSON. */
  body?: unknown
  /** How many numbered deltas the answer has; 5 unless told. */
  deltas?: number
  /** Each delta's content is padded to so many bytes. */
  bytesEach?: number
  /** The content of each delta, instead of numbers. */
  pieces?: readonly string[]
  /** The data of each server-sent event, instead of a chat stream (no role, finish, usage or [DONE] is added). */
  events?: readonly unknown[]
  finishReason?: string
  headDelayMs?: number
  firstDeltaDelayMs?: number
  /** Between one delta and the next. */
  deltaDelayMs?: number
  /** At most so many bytes in one write to the socket, whatever they cut in two. */
  writeSize?: number
  fault?: Fault
}

/** What goes wrong, and after how many deltas; a JSON answer breaks in its middle. */
export type Fault =
  | { kind: 'never' | 'hang-up' }
  | { kind: 'cut' | 'reset' | 'end' | 'stall' | 'error' | 'garbage'; after: number }

/** A request as the upstream got it, and what became of its answer. */
export interface RecordedRequest {
  readonly method: string
  /** With the query, if any. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** The body parsed; an empty object if it is not a JSON object. */
  readonly json: Readonly<Record<string, unknown>>
  readonly receivedAt: number
  /** Deltas the socket has taken. */
  readonly deltasWritten: number
  /** The answer went out whole. */
  readonly finished: boolean
  /** The client went away before that. */
  readonly aborted: boolean
  /** When it went away, on the clock of performance.now(). */
  readonly abortedAt: number | undefined
}

/** Chooses a behaviour for each request. */
export type Script = (request: RecordedRequest) => Behaviour | Promise<Behaviour>

/** A script that goes through behaviours one request after the other and stays at the last. */
export function inTurn(...behaviours: Behaviour[]): Script {
  let next = 0
  return () => behaviours[Math.min(next++, behaviours.length - 1)] ?? {}
}

/** 429, with the seconds after which the caller may come back. */
export const rateLimited = (retryAfterSeconds?: number): Behaviour => ({
  ...failed(429, 'Rate limit reached', 'rate_limit_exceeded'),
  headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
})

/** 401, as for a wrong key. */
export const unauthorized = (): Behaviour => failed(401, 'Incorrect API key provided', 'invalid_api_key')

/** 400, as for a request that the provider refuses. */
export const badRequest = (message = 'Invalid request'): Behaviour => failed(400, message, 'invalid_request')

/** 500, 503 or another failure of the provider's own. */
export const serverError = (status = 500): Behaviour => failed(status, 'The server had an error', 'server_error')

/** An error body under status 200, as some providers send it. */
export const errorWith200 = (): Behaviour => failed(200, 'The server had an error', 'server_error')

/** An error in the OpenAI shape. */
export function errorBody(status: number, message: string, code: string): { error: Record<string, unknown> } {
  const type = status === 429 ? 'requests' : status >= 400 && status < 500 ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: null, code } }
}

/** The content of a numbered answer: what its deltas give when they are joined. */
export function numberedContent(deltas: number, bytesEach = 0): string {
  return numberedPieces(deltas, bytesEach).join('')
}

/** The content of each delta of a numbered answer. */
export function numberedPieces(deltas: number, bytesEach = 0): string[] {
  return Array.from({ length: deltas }, (_, index) => `<${index}>`.padEnd(bytesEach, '.'))
}

const failed = (status: number, message: string, code: string): Behaviour => ({ status, body: errorBody(status, message, code) })
