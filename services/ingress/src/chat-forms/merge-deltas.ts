import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from './json-object.ts'

/** Strings that are given whole, however often. */
const GIVEN_WHOLE = new Set(['role', 'id', 'type', 'name', 'format'])
/** Strings known to come in pieces, so that equal pieces are no repetition. */
const IN_PIECES = new Set(['content', 'reasoning', 'reasoning_content', 'refusal', 'arguments', 'input', 'text', 'thinking', 'summary'])
/** Objects whose members come in pieces. */
const IN_PARTS = new Set(['function', 'function_call', 'custom'])

/** The object that the pieces of a stream make up; throws when that would be a guess. */
export function mergeDeltas(deltas: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(valuesByName(deltas).entries().map(([name, values]) => [name, merged(name, values)]))
}

/** What chunks say repeatedly of the whole answer: the same each time, or each time another part of an object; throws when they differ. */
export function agreed(given: readonly unknown[]): unknown {
  const said = told(given)
  if (said.length <= 1) return said.length === 1 ? said[0] : given[0]
  if (said.every(isObject)) return Object.fromEntries(valuesByName(said).entries().map(([name, values]) => [name, agreed(values)]))
  const first = said[0]
  for (const other of said) if (other !== first && !isDeepStrictEqual(other, first)) throw new Error('chunks differ')
  return first
}

/** Every value that each name has in turn. */
export function valuesByName(objects: readonly JsonObject[]): Map<string, unknown[]> {
  const byName = new Map<string, unknown[]>()
  for (const object of objects) {
    for (const name of Object.keys(object)) {
      const values = byName.get(name)
      if (values) values.push(object[name])
      else byName.set(name, [object[name]])
    }
  }
  return byName
}

/** Null and the empty string stand where there is nothing to say yet, or no more. */
const told = (values: readonly unknown[]): unknown[] => values.filter(value => value !== null && value !== '')

function merged(name: string, values: readonly unknown[]): unknown {
  const said = told(values)
  if (said.length === 0) return values.includes('') ? '' : null
  if (said.every(value => typeof value === 'string')) return GIVEN_WHOLE.has(name) ? agreed(said) : joined(name, said)
  if (said.every(value => Array.isArray(value))) return elements(name, said)
  if (IN_PARTS.has(name) && said.every(isObject)) return mergeDeltas(said)
  return agreed(said)
}

function joined(name: string, pieces: readonly string[]): string {
  const repeated = pieces.length > 1 && pieces.every(piece => piece === pieces[0])
  if (repeated && !IN_PIECES.has(name)) throw new Error(`${name} may be one text or two`)
  return pieces.join('')
}

function elements(name: string, arrays: readonly (readonly unknown[])[]): unknown[] {
  const all = arrays.flat()
  if (all.some(hasIndex)) return byIndex(name, all)
  if (name === 'content') return contentParts(arrays)
  if (name === 'tool_calls') requireIds(all)
  return all
}

function byIndex(name: string, all: readonly unknown[]): unknown[] {
  if (!all.every(hasIndex)) throw new Error(`some of ${name} have no index`)
  const groups = Map.groupBy(all, ({ index }) => index).entries().toArray()
  if (name !== 'tool_calls') return groups.map(([, pieces]) => mergeDeltas(pieces))
  return groups.toSorted(([a], [b]) => a - b).map(([, pieces]) => {
    const { index: _, ...call } = mergeDeltas(pieces)
    return call
  })
}

const hasIndex = (value: unknown): value is JsonObject & { readonly index: number } => isObject(value) && Number.isInteger(value.index)

/** Without an index only an id tells a call from a piece of one. */
function requireIds(calls: readonly unknown[]): void {
  const ids = new Set(calls.map(call => (isObject(call) ? call.id : undefined)).filter(id => typeof id === 'string' && id !== ''))
  if (ids.size !== calls.length) throw new Error('tool calls cannot be told apart')
}

/** Mistral streams parts of content: where one delta ends and the next begins in parts of one type, they are one part. */
function contentParts(arrays: readonly (readonly unknown[])[]): unknown[] {
  const parts: unknown[] = []
  for (const [first, ...others] of arrays.filter(array => array.length > 0)) {
    const whole = continued(parts.at(-1), first)
    if (whole) parts[parts.length - 1] = whole
    else parts.push(first)
    parts.push(...others)
  }
  return parts
}

function continued(before: unknown, after: unknown): JsonObject | undefined {
  if (!isObject(before) || !isObject(after) || before.type !== after.type) return undefined
  if (Object.keys(before).length !== 2 || Object.keys(after).length !== 2) return undefined
  if (typeof before.text === 'string' && typeof after.text === 'string') return { type: before.type, text: before.text + after.text }
  if (Array.isArray(before.thinking) && Array.isArray(after.thinking)) return { type: before.type, thinking: contentParts([before.thinking, after.thinking]) }
  return undefined
}
