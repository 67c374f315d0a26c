import { isObject, readObject, type JsonObject } from './json-object.ts'
import { agreed, mergeDeltas, valuesByName } from './merge-deltas.ts'
import { DONE, dataOf, splitEvents } from './split-events.ts'

/** Fields of a chunk that have a place of their own here, or none: padding against eavesdroppers is about the chunk, not the answer. */
const NAMED = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'obfuscation'])
const NAMED_OF_CHOICE = new Set(['index', 'delta', 'logprobs', 'finish_reason'])

/** The one document that a stored event stream adds up to; throws when that would be a guess. */
export function wholeFromEvents(bytes: Buffer, usage: JsonObject | undefined): Buffer {
  const chunks = splitEvents(bytes).map(dataOf).filter(data => data !== '' && data !== DONE).map(readObject)
  const fields = valuesByName(chunks)
  const whole = {
    id: first(fields.get('id')),
    object: 'chat.completion',
    created: first(fields.get('created')),
    model: first(fields.get('model')),
    ...others(fields, NAMED),
    choices: choicesOf(chunks),
    usage: usage ?? fields.get('usage')?.findLast(isObject),
  }
  return Buffer.from(JSON.stringify(whole))
}

/** Azure begins with an empty model, and xAI's time goes on. */
const first = (values: readonly unknown[] | undefined): unknown => values?.find(Boolean) ?? values?.[0]

function others(fields: ReadonlyMap<string, unknown[]>, named: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(fields.entries().filter(([name]) => !named.has(name)).map(([name, values]) => [name, agreed(values)]))
}

function choicesOf(chunks: readonly JsonObject[]): JsonObject[] {
  const byIndex = Map.groupBy(chunks.flatMap(piecesIn), indexOf)
  if (byIndex.size === 0) throw new Error('an answer without choices')
  return byIndex.entries().toArray().toSorted(([a], [b]) => a - b).map(([index, pieces]) => choice(index, pieces))
}

function piecesIn({ choices }: JsonObject): JsonObject[] {
  if (choices === undefined || choices === null) return []
  if (Array.isArray(choices) && choices.every(isObject)) return choices
  throw new Error('choices are no objects')
}

function indexOf({ index = 0 }: JsonObject): number {
  if (Number.isSafeInteger(index)) return Number(index)
  throw new Error('a choice without a number')
}

function choice(index: number, pieces: readonly JsonObject[]): JsonObject {
  const fields = valuesByName(pieces)
  if (fields.has('message')) throw new Error('a choice that is told in two ways')
  const { role = 'assistant', content = null, ...message } = mergeDeltas(deltasOf(fields))
  const logprobs = fields.get('logprobs')
  return {
    index,
    message: { role, content, ...message },
    ...(logprobs && { logprobs: logprobsOf(logprobs) }),
    finish_reason: agreed(fields.get('finish_reason') ?? [null]),
    ...others(fields, NAMED_OF_CHOICE),
  }
}

function deltasOf(fields: ReadonlyMap<string, unknown[]>): JsonObject[] {
  const deltas = (fields.get('delta') ?? []).filter(delta => delta !== null)
  if (deltas.every(isObject)) return deltas
  throw new Error('a delta that is no object')
}

/** Lists of tokens go on from chunk to chunk. */
function logprobsOf(values: readonly unknown[]): unknown {
  const said = values.filter(value => value !== null)
  if (said.length === 0 || !said.every(isObject)) return agreed(values)
  return Object.fromEntries(valuesByName(said).entries().map(([name, given]) => {
    const lists = given.filter(value => value !== null)
    return [name, lists.length > 0 && lists.every(value => Array.isArray(value)) ? lists.flat() : agreed(given)]
  }))
}
