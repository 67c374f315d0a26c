import { at, inputOf, listAt, numberAt, textAt } from '../read-json.ts'
import type { Ending, Mode, Spent, Told } from '../shapes.ts'
import { eventsIn } from './events.ts'

/** What a client of OpenAI's Responses API got. */
export function toldInResponses(bytes: Uint8Array, mode: Mode): Told {
  if (mode === 'whole') return toldBy(JSON.parse(Buffer.from(bytes).toString()), [])
  const events = eventsIn(bytes)
  return toldBy(at(events.at(-1), 'response'), breachesIn(events))
}

function toldBy(response: unknown, faults: readonly string[]): Told {
  const items = listAt(response, 'output')
  const parts = items.flatMap(item => listAt(item, 'content'))
  const joined = (type: string, field: string): string => parts.filter(part => part.type === type).map(part => textAt(part, field)).join('')
  const calls = items.filter(({ type }) => type === 'function_call').map(item => ({ id: textAt(item, 'call_id'), name: textAt(item, 'name'), input: inputOf(textAt(item, 'arguments')) }))
  const refusal = joined('refusal', 'refusal')
  const mute = items.some(({ type, arguments: text }) => type === 'function_call' && text === '')
  return {
    text: joined('output_text', 'text'),
    thought: items.filter(({ type }) => type === 'reasoning').flatMap(item => listAt(item, 'summary').map(part => textAt(part, 'text'))).join(''),
    refusal,
    calls,
    second: undefined,
    likely: parts.flatMap(part => listAt(part, 'logprobs')).length,
    ending: endingOf(response, { calls: calls.length > 0, refusal }),
    spent: spentIn(at(response, 'usage')),
    turn: items,
    faults: mute ? [...faults, 'a call has no arguments, not even an empty object'] : faults,
  }
}

function endingOf(response: unknown, { calls, refusal }: { calls: boolean; refusal: string }): Ending | undefined {
  const status = textAt(response, 'status')
  if (status === 'completed') return refusal === '' ? (calls ? 'calls' : 'stop') : 'refused'
  if (status !== 'incomplete') return undefined
  return textAt(response, 'incomplete_details', 'reason') === 'max_output_tokens' ? 'length' : 'refused'
}

function spentIn(usage: unknown): Spent | undefined {
  const input = numberAt(usage, 'input_tokens')
  const output = numberAt(usage, 'output_tokens')
  if (input === undefined || output === undefined) return undefined
  return { input, output, cached: numberAt(usage, 'input_tokens_details', 'cached_tokens') ?? 0, thought: numberAt(usage, 'output_tokens_details', 'reasoning_tokens') ?? 0 }
}

/** Every breach of the order of events. */
function breachesIn(events: readonly unknown[]): string[] {
  const faults: string[] = []
  for (const [place, event] of events.entries()) if (numberAt(event, 'sequence_number') !== place) faults.push(`event ${place} has the sequence number ${numberAt(event, 'sequence_number')}`)
  const types = events.map(event => textAt(event, 'type'))
  if (types[0] !== 'response.created' || types[1] !== 'response.in_progress') faults.push('it does not begin with response.created and response.in_progress')
  if (!['response.completed', 'response.incomplete'].includes(types.at(-1) ?? '')) faults.push('it does not end with a finished response')
  const told = new Map<string, string>()
  const added: string[] = []
  const done = new Set<string>()
  for (const event of events) follow(event, { added, done, told, faults })
  for (const id of added) if (!done.has(id)) faults.push(`item ${id} is never done`)
  const output = listAt(events.at(-1), 'response', 'output')
  if (output.map(({ id }) => id).join() !== added.join()) faults.push('its items are not those of the finished response')
  return faults
}

interface Followed {
  readonly added: string[]
  readonly done: Set<string>
  /** By item, kind and part, the deltas so far. */
  readonly told: Map<string, string>
  readonly faults: string[]
}

function follow(event: unknown, { added, done, told, faults }: Followed): void {
  const type = textAt(event, 'type')
  if (type === 'response.output_item.added') {
    if (numberAt(event, 'output_index') !== added.length) faults.push(`item ${textAt(event, 'item', 'id')} is at place ${numberAt(event, 'output_index')} where ${added.length} is due`)
    added.push(textAt(event, 'item', 'id'))
    return
  }
  if (type === 'response.output_item.done') return void done.add(textAt(event, 'item', 'id'))
  const id = textAt(event, 'item_id')
  if (id === '') return
  if (added[numberAt(event, 'output_index') ?? -1] !== id || done.has(id)) faults.push(`${type} is of an item that is not open`)
  const [, kind = '', step] = /^response\.(.+)\.(delta|done)$/.exec(type) ?? []
  const key = `${id} ${kind} ${String(at(event, 'content_index') ?? at(event, 'summary_index') ?? '')}`
  if (step === 'delta') told.set(key, (told.get(key) ?? '') + textAt(event, 'delta'))
  if (step !== 'done' || kind.endsWith('_part')) return
  const whole = textAt(event, 'text') || textAt(event, 'refusal') || textAt(event, 'arguments')
  if ((told.get(key) ?? '') !== whole) faults.push(`${type} says something else than the deltas before it`)
}
