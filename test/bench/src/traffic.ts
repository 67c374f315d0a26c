/** The content deltas of every stream. */
export const DELTAS = 64

/** What the upstream lists: one model for throughput, one for streams that last. */
export const MODELS = ['bench-0ms', 'bench-20ms'] as const

export type Model = (typeof MODELS)[number]

/** The pause between two deltas that a model's name asks for. */
export const delayOf = (model: Model): number => (model === 'bench-20ms' ? 20 : 0)

const KILOBYTE = 1024
const STAMP = { id: 'chatcmpl-0000000000000000000000000bench', created: 1_790_000_000, model: 'bench' }
const USAGE = { prompt_tokens: 160, completion_tokens: DELTAS, total_tokens: 160 + DELTAS }

/** Stands where each request has its number. */
export const NUMBER_PLACE = '0'.repeat(12)

/** A request body of one kilobyte; the number is part of what the user says. */
export function requestBody(model: Model, stream: boolean): Buffer {
  const body = (content: string): Buffer =>
    Buffer.from(JSON.stringify({ model, ...(stream && { stream }), temperature: 0.5, messages: [{ role: 'user', content: `Request ${NUMBER_PLACE}. ${content}` }] }))
  return body(filler(KILOBYTE - body('').length))
}

/** The whole answer, one kilobyte. */
export const WHOLE_ANSWER = wholeAnswer()

/** The events of a stream up to and with the one that says why it ended. */
export const EVENTS: readonly Buffer[] = [
  event({ role: 'assistant', content: '' }),
  ...Array.from({ length: DELTAS }, (_, index) => event({ content: `piece ${String(index + 1).padStart(2, '0')} of ${DELTAS}, ` })),
  event({}, 'stop'),
]

/** Sent before the end to who asked for it. */
export const USAGE_EVENT = Buffer.from(`data: ${JSON.stringify({ ...STAMP, object: 'chat.completion.chunk', choices: [], usage: USAGE })}\n\n`)
export const DONE_EVENT = Buffer.from('data: [DONE]\n\n')

/** The body of a stream as a client gets it that did not ask for usage. */
export const WHOLE_STREAM = Buffer.concat([...EVENTS, DONE_EVENT])

function wholeAnswer(): Buffer {
  const answer = (content: string): Buffer =>
    Buffer.from(JSON.stringify({ ...STAMP, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }], usage: USAGE }))
  return answer(filler(KILOBYTE - answer('').length))
}

function event(delta: { role?: string; content?: string }, finish: string | null = null): Buffer {
  return Buffer.from(`data: ${JSON.stringify({ ...STAMP, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`)
}

function filler(length: number): string {
  return 'The quick brown fox jumps over the lazy dog. '.repeat(40).slice(0, length)
}
