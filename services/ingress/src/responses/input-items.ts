import { hash } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'
import { isObject, type JsonObject } from '../chat-forms/json-object.ts'

/** One page of the items that a response had as its input. */
export interface ItemPage {
  readonly object: 'list'
  readonly data: readonly JsonObject[]
  readonly first_id: string | null
  readonly last_id: string | null
  readonly has_more: boolean
}

const DEFAULT_LIMIT = 20
const MOST = 100
/** What the ids of items begin with, by their type. */
const PREFIXES: Readonly<Record<string, string>> = { message: 'msg', function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' }
/** Kinds that are listed without a status. */
const WITHOUT_STATUS: ReadonlySet<unknown> = new Set(['reasoning', 'item_reference'])

/** A page of items as the client asked for it: the newest first unless told otherwise. Throws when it asks for what cannot be. */
export function inputItems(input: readonly JsonObject[], responseId: string, query: Readonly<Record<string, unknown>>): ItemPage {
  const { order = 'desc', after } = query
  if (order !== 'asc' && order !== 'desc') throw new GatewayError('invalid_request', 'order must be asc or desc', { param: 'order' })
  const limit = limitIn(query.limit)
  const told = input.map((item, index) => toldInFull(item, responseId, index))
  const ordered = order === 'asc' ? told : told.toReversed()
  const begin = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && begin === 0) throw new GatewayError('invalid_request', 'after must be the id of an item', { param: 'after' })
  const data = ordered.slice(begin, begin + limit)
  return { object: 'list', data, first_id: idOf(data[0]), last_id: idOf(data.at(-1)), has_more: begin + limit < ordered.length }
}

function limitIn(given: unknown): number {
  if (given === undefined) return DEFAULT_LIMIT
  const limit = Number(given)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit
  throw new GatewayError('invalid_request', `limit must be a whole number from 1 to ${MOST}`, { param: 'limit' })
}

/** An item with all that a client may have left out. */
function toldInFull(item: JsonObject, responseId: string, index: number): JsonObject {
  const type = typeof item.type === 'string' ? item.type : 'message'
  const id = typeof item.id === 'string' ? item.id : `${PREFIXES[type] ?? 'item'}_${hash('sha256', `${responseId}\n${index}`, 'hex').slice(0, 40)}`
  return {
    id,
    ...item,
    type,
    ...(type === 'message' && { content: partsOf(item) }),
    ...(!WITHOUT_STATUS.has(type) && item.status === undefined && { status: 'completed' }),
  }
}

function partsOf({ role, content }: JsonObject): unknown {
  if (typeof content !== 'string') return content
  return [role === 'assistant' ? { type: 'output_text', text: content, annotations: [] } : { type: 'input_text', text: content }]
}

const idOf = (item: JsonObject | undefined): string | null => (isObject(item) && typeof item.id === 'string' ? item.id : null)
