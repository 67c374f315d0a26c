/** How a client asks and a provider answers: as OpenAI's chat does, or as Anthropic's Messages API. */
export type Dialect = 'chat' | 'messages'

/** The content deltas of every stream. */
export const DELTAS = 64

/** What the upstream lists, by the dialect that it speaks for them: in chat a model for throughput and one for streams that last. */
export const MODELS = { chat: ['bench-0ms', 'bench-20ms'], messages: ['bench-messages'] } as const

export type Model = (typeof MODELS)[Dialect][number]

/** The pause between two deltas that a model's name asks for. */
export const delayOf = (model: Model): number => (model === 'bench-20ms' ? 20 : 0)

/** How the upstream speaks for a model. */
export const spokenFor = (model: Model): Dialect => (MODELS.messages.some(name => name === model) ? 'messages' : 'chat')

const KILOBYTE = 1024

/** The tokens of every answer. */
export const TOKENS = { input: 160, output: DELTAS }

/** Why every answer ends. */
export const FINISH: Readonly<Record<Dialect, string>> = { chat: 'stop', messages: 'end_turn' }

/** What the deltas of every stream say. */
export const PIECES: readonly string[] = Array.from({ length: DELTAS }, (_, index) => `piece ${String(index + 1).padStart(2, '0')} of ${DELTAS}, `)

/** Stands where each request has its number. */
export const NUMBER_PLACE = '0'.repeat(12)

/** A request body of one kilobyte; the number is part of what the user says. */
export function requestBody({ dialect, model, stream }: { dialect: Dialect; model: Model; stream: boolean }): Buffer {
  return kilobyte(content => ({
    model,
    ...(stream && { stream }),
    ...(dialect === 'messages' && { max_tokens: KILOBYTE }),
    temperature: 0.5,
    messages: [{ role: 'user', content: `Request ${NUMBER_PLACE}. ${content}` }],
  }))
}

/** A body of one kilobyte around a text that is as long as that takes. */
export function kilobyte(around: (text: string) => object): Buffer {
  const body = (text: string): Buffer => Buffer.from(JSON.stringify(around(text)))
  return body(filler(KILOBYTE - body('').length))
}

function filler(length: number): string {
  return 'The quick brown fox jumps over the lazy dog. '.repeat(40).slice(0, length)
}
