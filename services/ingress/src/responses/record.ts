import { isObject, type JsonObject } from '../chat-forms/json-object.ts'

const RESPONSE = Buffer.from('{"response":')
const REQUEST = Buffer.from(',"request":')
const END = Buffer.from('}')

/** What is kept of one answer: the response and the request that it answers, each as its JSON came. */
export const recordOf = (response: Uint8Array, request: Uint8Array): Buffer => Buffer.concat([RESPONSE, response, REQUEST, request, END])

/** A response that is kept here. */
export interface KeptRecord {
  readonly response: JsonObject
  /** The items of its input, those of earlier responses among them. */
  readonly input: readonly JsonObject[]
  readonly output: readonly JsonObject[]
}

/** Reads what was kept; throws when it is damaged. */
export function readRecord(bytes: Buffer): KeptRecord {
  const { response, request } = JSON.parse(bytes.toString()) as { response?: unknown; request?: unknown }
  if (!isObject(response) || !isObject(request)) throw new Error('a kept response is damaged')
  return { response, input: itemsOf(request.input), output: itemsOf(response.output) }
}

/** A text is the message of a user. */
export function itemsOf(input: unknown): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
  return Array.isArray(input) ? input.filter(isObject) : []
}

/** An item that stands for one that is kept somewhere; it may leave its type out. */
export const isReference = (item: object): boolean => ('type' in item && item.type !== null ? item.type === 'item_reference' : 'id' in item && !('role' in item))
