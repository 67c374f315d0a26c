import { isObject, readObject, type JsonObject } from './json-object.ts'
import { DONE, eventOf } from './split-events.ts'
import { usageChunk } from './usage-chunk.ts'

/** Fields that each chunk of a stream repeats. */
const REPEATED = ['id', 'object', 'created', 'model', 'service_tier', 'system_fingerprint']
/** Texts of a message in the order in which models say them. */
const SPOKEN = ['reasoning', 'reasoning_content', 'content', 'refusal']
// To the end of the word behind 32 characters: smaller pieces read no smoother, and a chunk's own fields weigh 200 bytes.
const PIECE = /[^]{1,32}\S{0,32}/gu

/** A stored whole answer as the event stream that it could have been; throws when it is not a chat answer, or usage is asked for and not known. */
export function eventsFromWhole(bytes: Buffer, { includeUsage, usage }: { includeUsage: boolean; usage: JsonObject | undefined }): Buffer {
  const whole = readObject(bytes.toString())
  const { choices, usage: ownUsage, ...said } = whole
  const fields = { ...said, object: 'chat.completion.chunk' }
  if (!Array.isArray(choices) || choices.length === 0) throw new Error('an answer without choices')
  const repeated = Object.fromEntries(Object.entries(fields).filter(([name]) => REPEATED.includes(name)))
  const events: string[] = []
  let head = opened(fields)
  for (const piece of choices.flatMap((choice, position) => piecesOf(choice, position))) {
    events.push(eventOf(`${head}${JSON.stringify(piece)}]}`))
    if (events.length === 1) head = opened(repeated)
  }
  if (includeUsage) {
    const told = usage ?? ownUsage
    if (!isObject(told)) throw new Error('usage is not known')
    events.push(usageChunk(whole, told))
  }
  events.push(eventOf(DONE))
  return Buffer.from(events.join(''))
}

const opened = (fields: JsonObject): string => `${JSON.stringify(fields).slice(0, -1)},"choices":[`

function piecesOf(choice: unknown, position: number): JsonObject[] {
  if (!isObject(choice) || !isObject(choice.message)) throw new Error('a choice without a message')
  const { index = position, message: _, logprobs, finish_reason, ...others } = choice
  const plain = { index, ...(logprobs !== undefined && { logprobs: null }), finish_reason: null }
  // Tokens belong to the text that they make up, so that stays in one piece.
  const withTokens = isObject(logprobs) && isSaid(choice.message.content)
  const pieces = deltasOf(choice.message, withTokens).map(delta => ({ ...plain, delta, ...(withTokens && 'content' in delta && isSaid(delta.content) && { logprobs }) }))
  return [...pieces, { ...plain, ...others, delta: {}, finish_reason: finish_reason ?? null, ...(isObject(logprobs) && !withTokens && { logprobs }) }]
}

const isSaid = (value: unknown): boolean => value !== null && value !== undefined && value !== ''

function deltasOf(message: JsonObject, contentInOne: boolean): JsonObject[] {
  const fields = Object.entries(message)
  const unsaid = fields.filter(([name, value]) => name === 'role' || !isSaid(value))
  const spoken = SPOKEN.flatMap(name => spokenDeltas(name, message[name], contentInOne))
  const calls = isSaid(message.tool_calls) ? [{ tool_calls: numbered(message.tool_calls) }] : []
  const rest = fields.filter(([name, value]) => isSaid(value) && name !== 'role' && name !== 'tool_calls' && !SPOKEN.includes(name))
  return [Object.fromEntries(unsaid), ...spoken, ...calls, ...(rest.length > 0 ? [Object.fromEntries(rest)] : [])]
}

function spokenDeltas(name: string, value: unknown, contentInOne: boolean): JsonObject[] {
  if (!isSaid(value)) return []
  if (typeof value !== 'string' || (contentInOne && name === 'content')) return [{ [name]: value }]
  return (value.match(PIECE) ?? []).map(piece => ({ [name]: piece }))
}

function numbered(calls: unknown): JsonObject[] {
  if (!Array.isArray(calls) || !calls.every(isObject)) throw new Error('tool calls are no objects')
  return calls.map((call, index) => ({ ...call, index }))
}
