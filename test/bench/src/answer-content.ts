import type { Dialect } from './traffic.ts'

/** What a client makes of an answer. */
export interface Content {
  readonly text: string
  /** Why it ended, in the words of its dialect. */
  readonly finish: string | undefined
  readonly usage: { readonly input: number | undefined; readonly output: number | undefined } | undefined
}

type Read = (body: string) => Content | undefined

/** How a client of each dialect reads a whole answer and a stream; undefined is what it cannot make anything of, a stream without its last event among it. */
export const READERS: Readonly<Record<Dialect, { readonly whole: Read; readonly stream: Read }>> = {
  chat: { whole: wholeChat, stream: chatStream },
  messages: { whole: wholeMessage, stream: messageStream },
}

/** Of a text that is no JSON, undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface ChatUsage {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
}

interface Chat {
  readonly error?: unknown
  readonly choices?: readonly { readonly message?: { readonly content?: string | null }; readonly delta?: { readonly content?: string | null }; readonly finish_reason?: string | null }[]
  readonly usage?: ChatUsage | null
}

const chatUsage = (usage: ChatUsage | null | undefined): Content['usage'] => (usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined)

function wholeChat(body: string): Content | undefined {
  const answer = parsed(body) as Chat | undefined
  const choice = answer?.choices?.[0]
  return choice && { text: choice.message?.content ?? '', finish: choice.finish_reason ?? undefined, usage: chatUsage(answer.usage) }
}

function chatStream(body: string): Content | undefined {
  let text = ''
  let finish: string | undefined
  let usage: Content['usage']
  let done = false
  for (const line of body.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue
    const data = line.slice(5).trim()
    if (done) return undefined
    if (data === '[DONE]') {
      done = true
      continue
    }
    const chunk = parsed(data) as Chat | undefined
    if (!chunk || chunk.error) return undefined
    const choice = chunk.choices?.[0]
    text += choice?.delta?.content ?? ''
    finish = choice?.finish_reason ?? finish
    usage = chatUsage(chunk.usage) ?? usage
  }
  return done ? { text, finish, usage } : undefined
}

interface MessageUsage {
  readonly input_tokens?: number
  readonly output_tokens?: number
}

interface Message {
  readonly type?: string
  readonly content?: readonly { readonly type?: string; readonly text?: string }[]
  readonly stop_reason?: string | null
  readonly usage?: MessageUsage
}

interface MessageEvent {
  readonly type?: string
  readonly index?: number
  readonly message?: Message
  readonly delta?: { readonly type?: string; readonly text?: string; readonly stop_reason?: string | null }
  readonly usage?: MessageUsage
}

function wholeMessage(body: string): Content | undefined {
  const message = parsed(body) as Message | undefined
  if (message?.type !== 'message' || message.content?.length !== 1) return undefined
  return { text: message.content[0]?.text ?? '', finish: message.stop_reason ?? undefined, usage: { input: message.usage?.input_tokens, output: message.usage?.output_tokens } }
}

/** The events of one block of text, in the only order that says it. */
const ORDER = /^message_start content_block_start (content_block_delta )+content_block_stop message_delta message_stop $/

function messageStream(body: string): Content | undefined {
  let text = ''
  let finish: string | undefined
  let usage: MessageUsage = {}
  let order = ''
  for (const lines of body.split('\n\n').slice(0, -1)) {
    const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(lines) ?? []
    const event = parsed(data) as MessageEvent | undefined
    // Clients go by the name of the event, then by its type.
    if (!event || event.type !== name) return undefined
    order += `${name} `
    if (name === 'content_block_delta') text += event.delta?.text ?? ''
    finish = event.delta?.stop_reason ?? finish
    usage = { ...usage, ...event.message?.usage, ...event.usage }
  }
  return ORDER.test(order) && body.endsWith('\n\n') ? { text, finish, usage: { input: usage.input_tokens, output: usage.output_tokens } } : undefined
}
