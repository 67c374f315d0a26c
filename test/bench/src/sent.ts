import { DELTAS, FINISH, kilobyte, PIECES, TOKENS, type Dialect } from './traffic.ts'

/** What the upstream sends in one dialect. */
export interface Sent {
  /** The whole answer, one kilobyte. */
  readonly whole: Buffer
  /** What the whole answer says. */
  readonly text: string
  /** The events of a stream, each in a write of its own, up to those that close it. */
  readonly events: readonly Buffer[]
  readonly closing: Buffer
  /** The same for who asked for usage. */
  readonly closingWithUsage: Buffer
}

/** The body of a stream as a client gets it that did not ask for usage. */
export const wholeStream = ({ events, closing }: Sent): Buffer => Buffer.concat([...events, closing])

const CHAT = { id: 'chatcmpl-0000000000000000000000000bench', created: 1_790_000_000, model: 'bench' }
const CHAT_USAGE = { prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output, total_tokens: TOKENS.input + TOKENS.output }
const MESSAGE = { id: 'msg_00000000000000000000bench', type: 'message', role: 'assistant', model: 'bench' }
const MESSAGE_USAGE = { input_tokens: TOKENS.input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: TOKENS.output }

/** By dialect, the same: as long a body, and a stream of the same texts in as many writes. */
export const SENT: Readonly<Record<Dialect, Sent>> = { chat: sentInChat(), messages: sentInMessages() }

function sentInChat(): Sent {
  let text = ''
  const whole = kilobyte(content => {
    text = content
    return { ...CHAT, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: FINISH.chat }], usage: CHAT_USAGE }
  })
  const chunk = (said: object): Buffer => Buffer.from(`data: ${JSON.stringify({ ...CHAT, object: 'chat.completion.chunk', ...said })}\n\n`)
  const event = (delta: object, finish: string | null = null): Buffer => chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  const done = Buffer.from('data: [DONE]\n\n')
  return {
    whole,
    text,
    events: [event({ role: 'assistant', content: '' }), ...PIECES.map(content => event({ content })), event({}, FINISH.chat)],
    closing: done,
    closingWithUsage: Buffer.concat([chunk({ choices: [], usage: CHAT_USAGE }), done]),
  }
}

function sentInMessages(): Sent {
  let text = ''
  const whole = kilobyte(content => {
    text = content
    return { ...MESSAGE, content: [{ type: 'text', text: content }], stop_reason: FINISH.messages, stop_sequence: null, usage: MESSAGE_USAGE }
  })
  const event = (type: string, said: object = {}): Buffer => Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...said })}\n\n`)
  const start = event('message_start', { message: { ...MESSAGE, content: [], stop_reason: null, stop_sequence: null, usage: { ...MESSAGE_USAGE, output_tokens: 1 } } })
  const closing = Buffer.concat([event('message_delta', { delta: { stop_reason: FINISH.messages, stop_sequence: null }, usage: { output_tokens: DELTAS } }), event('message_stop')])
  return {
    whole,
    text,
    events: [
      Buffer.concat([start, event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })]),
      ...PIECES.map(piece => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } })),
      event('content_block_stop', { index: 0 }),
    ],
    closing,
    closingWithUsage: closing,
  }
}
