import { isObject, readObject, type JsonObject } from '../chat-forms/json-object.ts'
import { dataOf, splitEvents } from '../chat-forms/split-events.ts'

const TERMINAL: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete'])

/** The whole response that a stored event stream ends with; throws when it does not end. */
export function responseFromEvents(bytes: Buffer): Buffer {
  const events = splitEvents(bytes).map(dataOf).filter(data => data !== '' && data !== '[DONE]')
  const last = readObject(events.at(-1) ?? '')
  const { response } = last
  if (!TERMINAL.has(last.type) || !isObject(response) || !Array.isArray(response.output)) throw new Error('an answer without its end')
  // Some servers tell the items one by one, and not again at the end.
  return Buffer.from(JSON.stringify(response.output.length > 0 ? response : { ...response, output: itemsTold(events) }))
}

function itemsTold(events: readonly string[]): unknown[] {
  const done = events.filter(data => data.includes('response.output_item.done')).map(readObject).filter(({ type }) => type === 'response.output_item.done')
  return done.toSorted((a, b) => placeOf(a) - placeOf(b)).map(({ item }) => item)
}

const placeOf = ({ output_index: index }: JsonObject): number => (typeof index === 'number' ? index : 0)
