import { isObject, readObject, type JsonObject } from '../chat-forms/json-object.ts'
import { dataOf, splitEvents } from '../chat-forms/split-events.ts'

type Fields = Record<string, unknown>

/** A block of content that is being told. */
interface Told {
  readonly fields: Fields
  /** The pieces of its `input`, which is JSON only as a whole. */
  json: string
  over: boolean
}

/** Members of a `message_delta` that have a place of their own. */
const NAMED = new Set(['type', 'delta', 'usage'])

/** The one Message that a stored event stream adds up to; throws when that would be a guess. */
export function messageFromEvents(bytes: Buffer): Buffer {
  let message: Fields | undefined
  let complete = false
  let blocks: Told[] = []
  for (const event of splitEvents(bytes).map(dataOf).filter(data => data !== '').map(readObject)) {
    const { type } = event
    if (type === 'ping') continue
    if (type === 'message_start' && !message && isObject(event.message)) {
      message = { ...event.message }
      blocks = blocksIn(message.content)
    } else if (!message || complete) throw new Error('an event out of its place')
    else if (type === 'content_block_start' && event.index === blocks.length && isObject(event.content_block)) blocks.push({ fields: { ...event.content_block }, json: '', over: false })
    else if (type === 'content_block_delta') extend(blocks[Number(event.index)], event.delta)
    else if (type === 'content_block_stop') finish(blocks[Number(event.index)])
    else if (type === 'message_delta') conclude(message, event)
    else if (type === 'message_stop') complete = true
    else throw new Error('an event of an unknown kind')
  }
  if (!message || !complete || !blocks.every(({ over }) => over)) throw new Error('an answer without its end')
  return Buffer.from(JSON.stringify({ ...message, content: blocks.map(({ fields }) => fields) }))
}

/** A message may begin with blocks, where a tool was called from code that runs at Anthropic. */
function blocksIn(content: unknown): Told[] {
  if (Array.isArray(content) && content.every(isObject)) return content.map(fields => ({ fields: { ...fields }, json: '', over: true }))
  throw new Error('content that is no list of blocks')
}

function extend(block: Told | undefined, delta: unknown): void {
  if (!block || block.over || !isObject(delta)) throw new Error('a piece of no block')
  const { fields } = block
  if (delta.type === 'text_delta') fields.text = `${textIn(fields.text)}${textIn(delta.text)}`
  else if (delta.type === 'thinking_delta') fields.thinking = `${textIn(fields.thinking)}${textIn(delta.thinking)}`
  else if (delta.type === 'signature_delta') fields.signature = delta.signature
  else if (delta.type === 'citations_delta') fields.citations = [...(Array.isArray(fields.citations) ? (fields.citations as unknown[]) : []), delta.citation]
  else if (delta.type === 'input_json_delta') block.json += textIn(delta.partial_json)
  else throw new Error('a piece of an unknown kind')
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error('a piece that is no text')
}

function finish(block: Told | undefined): void {
  if (!block || block.over) throw new Error('the end of no block')
  block.over = true
  if (block.json.trim() !== '') block.fields.input = readObject(block.json)
}

/** What it says of the whole message: the figures of the usage are totals, those that it leaves out stand. */
function conclude(message: Fields, event: JsonObject): void {
  const { delta, usage } = event
  if (!isObject(delta)) throw new Error('a message that ends for no reason')
  const others = Object.entries(event).filter(([name]) => !NAMED.has(name))
  Object.assign(message, delta, Object.fromEntries(others))
  if (!isObject(usage)) return
  const known = Object.entries(usage).filter(([, value]) => value !== null)
  message.usage = { ...(isObject(message.usage) && message.usage), ...Object.fromEntries(known) }
}
