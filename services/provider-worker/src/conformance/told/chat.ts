import { at, contentText, inputOf, listAt, numberAt, textAt } from '../read-json.ts'
import type { Call, Ending, Fields, Mode, Spent, Told } from '../shapes.ts'
import { eventsIn } from './events.ts'

/** What a client of OpenAI's chat got. */
export function toldInChat(bytes: Uint8Array, mode: Mode): Told {
  if (mode === 'stream') return toldInChunks(eventsIn(bytes))
  const answer: unknown = JSON.parse(Buffer.from(bytes).toString())
  const choices = listAt(answer, 'choices')
  return toldBy(choices.find(({ index }) => index === 0), choices.find(({ index }) => index === 1), { usage: at(answer, 'usage'), faults: [] })
}

function toldBy(first: unknown, second: unknown, { usage, faults }: { usage: unknown; faults: readonly string[] }): Told {
  const message = at(first, 'message')
  return {
    text: visible(at(message, 'content')),
    thought: textAt(message, 'reasoning_content') || textAt(message, 'reasoning') || thinkingIn(at(message, 'content')) || listAt(message, 'reasoning_details').map(detail => textAt(detail, 'text')).join(''),
    refusal: textAt(message, 'refusal'),
    calls: listAt(message, 'tool_calls').map((call): Call => ({ id: textAt(call, 'id'), name: textAt(call, 'function', 'name'), input: inputOf(textAt(call, 'function', 'arguments')) })),
    second: second === undefined ? undefined : visible(at(second, 'message', 'content')),
    likely: listAt(first, 'logprobs', 'content').length,
    ending: endingOf(textAt(first, 'finish_reason'), textAt(message, 'refusal')),
    spent: spentIn(usage),
    turn: message === undefined ? [] : [message],
    faults,
  }
}

const visible = (content: unknown): string => (Array.isArray(content) ? content.filter(part => at(part, 'type') === 'text').map(part => textAt(part, 'text')).join('') : contentText(content))

const thinkingIn = (content: unknown): string => listAt(content).filter(({ type }) => type === 'thinking').map(({ thinking }) => contentText(thinking)).join('')

const ENDINGS: Readonly<Record<string, Ending>> = { stop: 'stop', length: 'length', tool_calls: 'calls', content_filter: 'refused', sensitive: 'refused' }

const endingOf = (finish: string, refusal: string): Ending | undefined => (refusal === '' ? ENDINGS[finish] : 'refused')

function spentIn(usage: unknown): Spent | undefined {
  const input = numberAt(usage, 'prompt_tokens')
  const output = numberAt(usage, 'completion_tokens')
  if (input === undefined || output === undefined) return undefined
  return { input, output, cached: numberAt(usage, 'prompt_tokens_details', 'cached_tokens') ?? 0, thought: numberAt(usage, 'completion_tokens_details', 'reasoning_tokens') ?? 0 }
}

function toldInChunks(events: readonly unknown[]): Told {
  const faults: string[] = []
  if (events.at(-1) !== '[DONE]' || events.indexOf('[DONE]') !== events.length - 1) faults.push('the stream does not end with [DONE]')
  const chunks = events.filter(event => typeof event === 'object')
  const speaking = chunks.filter(chunk => listAt(chunk, 'choices').length > 0)
  if (new Set(speaking.map(chunk => textAt(chunk, 'id'))).size !== 1) faults.push('its chunks are of more than one answer')
  const joined = (index: number): unknown => {
    const pieces = speaking.flatMap(chunk => listAt(chunk, 'choices').filter(choice => choice.index === index))
    return pieces.length === 0 ? undefined : wholeOf(pieces, faults)
  }
  const usage = chunks.map(chunk => at(chunk, 'usage') ?? at(chunk, 'x_groq', 'usage')).findLast(said => said !== undefined && said !== null)
  return toldBy(joined(0), joined(1), { usage, faults })
}

/** The choice that pieces are of, as a client puts it together. */
function wholeOf(pieces: readonly Fields[], faults: string[]): Fields {
  const finished = pieces.findIndex(({ finish_reason: finish }) => finish)
  if (finished === -1) faults.push('it has no finish reason')
  if (pieces.slice(finished + 1).some(({ delta, finish_reason: finish }) => finish || Object.values(delta as object).some(Boolean))) faults.push('it goes on after its finish reason')
  const deltas = pieces.map(({ delta }) => delta)
  const texts = (name: string): string => deltas.map(delta => textAt(delta, name)).join('')
  const parts = deltas.flatMap(delta => listAt(delta, 'content'))
  const details = joinedDetails(deltas.flatMap(delta => listAt(delta, 'reasoning_details')))
  const calls = joinedCalls(deltas.flatMap(delta => listAt(delta, 'tool_calls')), faults)
  const message = {
    role: 'assistant',
    content: parts.length > 0 ? [...parts, ...(texts('content') === '' ? [] : [{ type: 'text', text: texts('content') }])] : texts('content') || null,
    ...Object.fromEntries(['refusal', 'reasoning_content', 'reasoning'].filter(name => texts(name) !== '').map(name => [name, texts(name)])),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  return { message, finish_reason: pieces[finished]?.finish_reason ?? null, logprobs: { content: pieces.flatMap(piece => listAt(piece, 'logprobs', 'content')) } }
}

function joinedDetails(pieces: readonly Fields[]): Fields[] {
  const details: Fields[] = []
  for (const piece of pieces) {
    const last = details.at(-1)
    if (last?.index === undefined || last.index !== piece.index || last.type !== piece.type) details.push(piece)
    else details[details.length - 1] = { ...last, ...piece, ...(typeof piece.text === 'string' || typeof last.text === 'string' ? { text: textAt(last, 'text') + textAt(piece, 'text') } : {}) }
  }
  return details
}

function joinedCalls(pieces: readonly Fields[], faults: string[]): Fields[] {
  const calls: { id: string; type: string; function: { name: string; arguments: string }; extra_content?: unknown }[] = []
  for (const piece of pieces) {
    const index = Number(piece.index)
    const begun = calls[index]
    if (begun) {
      begun.function.arguments += textAt(piece, 'function', 'arguments')
      continue
    }
    if (index !== calls.length) faults.push(`tool call ${index} comes before ${calls.length}`)
    if (textAt(piece, 'id') === '' || textAt(piece, 'function', 'name') === '') faults.push(`tool call ${index} begins without an id or a name`)
    calls[index] = { id: textAt(piece, 'id'), type: 'function', function: { name: textAt(piece, 'function', 'name'), arguments: textAt(piece, 'function', 'arguments') }, ...(piece.extra_content !== undefined && { extra_content: piece.extra_content }) }
  }
  return calls
}
