/** The words of an OpenAI-shaped error. */
interface Complaint {
  readonly message: string
  readonly type: string
  readonly param?: string
  readonly code?: string
}

/** A request that the simulator answers with an error, in OpenAI's shape. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly complaint: Complaint
  /** When to come back, in seconds. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, complaint: Complaint, retryAfterSeconds?: number) {
    super(complaint.message)
    this.status = status
    this.complaint = complaint
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** The body of the answer. */
  get body(): unknown {
    const { message, type, param = null, code = null } = this.complaint
    return { error: { message, type, param, code } }
  }
}

/** What is wrong with a field of the request. */
export const wrong = (param: string, message: string, code = 'invalid_value'): Refusal => new Refusal(400, { message, type: 'invalid_request_error', param, code })

/** What true providers say with a status, but for the word `Simulated`. */
export function simulatedError(status: number): Refusal {
  const { type, code, retryAfterSeconds } = KNOWN[status] ?? (status < 500 ? { type: 'invalid_request_error' } : { type: 'server_error' })
  const message = `Simulated error ${status}: the model was chosen to answer so.`
  return new Refusal(status, { message, type, ...(code !== undefined && { code }) }, retryAfterSeconds)
}

/** 429 asks for longer than a worker waits by itself, so that it reaches the caller; after 503 a worker tries again. */
const KNOWN: Readonly<Record<number, { type: string; code?: string; retryAfterSeconds?: number }>> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded', retryAfterSeconds: 5 },
  503: { type: 'server_error', retryAfterSeconds: 1 },
}
