import { isObject, readObject, type JsonObject } from '../chat-forms/json-object.ts'

// To the end of the word behind 32 characters, as for a chat: smaller pieces read no smoother.
const PIECE = /[^]{1,32}\S{0,32}/gu

type Emit = (type: string, said: JsonObject) => void

/** Where an item, or a part of one, stands. */
interface Place {
  readonly output_index: number
  readonly item_id: unknown
}

/**
 * A stored whole response as the events that it could have been, those after `startingAfter` by their sequence number; throws when it is none.
 */
export function eventsFromResponse(bytes: Buffer, startingAfter = -1): Buffer {
  const response = readObject(bytes.toString())
  const { output, status } = response
  if (!Array.isArray(output) || !output.every(isObject) || (status !== 'completed' && status !== 'incomplete')) throw new Error('not a response that is over')
  let text = ''
  let sequence = 0
  const emit: Emit = (type, said) => {
    const number = sequence++
    if (number > startingAfter) text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...said })}\n\n`
  }
  const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null, ...('completed_at' in response && { completed_at: null }) }
  emit('response.created', { response: begun })
  emit('response.in_progress', { response: begun })
  for (const [index, item] of output.entries()) itemEvents(item, index, emit)
  emit(`response.${status}`, { response })
  return Buffer.from(text)
}

function itemEvents(item: JsonObject, index: number, emit: Emit): void {
  const place = { item_id: item.id, output_index: index }
  const { encrypted_content: _, ...shown } = item
  const begun: JsonObject = {
    ...shown,
    ...('status' in item && { status: 'in_progress' }),
    ...(Array.isArray(item.content) && { content: [] }),
    ...(Array.isArray(item.summary) && { summary: [] }),
    ...(item.type === 'function_call' && { arguments: '' }),
  }
  emit('response.output_item.added', { output_index: index, item: begun })
  if (item.type === 'message' || item.type === 'reasoning') {
    for (const [at, part] of objectsIn(item.summary).entries()) summaryEvents(part, { ...place, summary_index: at }, emit)
    for (const [at, part] of objectsIn(item.content).entries()) partEvents(part, { ...place, content_index: at }, emit)
  }
  if (item.type === 'function_call') {
    for (const delta of inPieces(item.arguments)) emit('response.function_call_arguments.delta', { ...place, delta })
    emit('response.function_call_arguments.done', { ...place, arguments: item.arguments })
  }
  emit('response.output_item.done', { output_index: index, item })
}

function summaryEvents(part: JsonObject, place: Place & { summary_index: number }, emit: Emit): void {
  emit('response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } })
  for (const delta of inPieces(part.text)) emit('response.reasoning_summary_text.delta', { ...place, delta })
  emit('response.reasoning_summary_text.done', { ...place, text: part.text })
  emit('response.reasoning_summary_part.done', { ...place, part })
}

function partEvents(part: JsonObject, place: Place & { content_index: number }, emit: Emit): void {
  const { type, text, refusal } = part
  if (type === 'refusal') {
    emit('response.content_part.added', { ...place, part: { ...part, refusal: '' } })
    for (const delta of inPieces(refusal)) emit('response.refusal.delta', { ...place, delta })
    emit('response.refusal.done', { ...place, refusal })
  } else if (type === 'reasoning_text') {
    emit('response.content_part.added', { ...place, part: { ...part, text: '' } })
    for (const delta of inPieces(text)) emit('response.reasoning_text.delta', { ...place, delta })
    emit('response.reasoning_text.done', { ...place, text })
  } else {
    textEvents(part, place, emit)
  }
  emit('response.content_part.done', { ...place, part })
}

function textEvents(part: JsonObject, place: Place & { content_index: number }, emit: Emit): void {
  const { text, annotations, logprobs } = part
  const tokens = Array.isArray(logprobs) ? (logprobs as unknown[]) : []
  emit('response.content_part.added', { ...place, part: { ...part, text: '', annotations: [], logprobs: [] } })
  // Tokens belong to the text that they make up, so that stays in one piece.
  for (const delta of tokens.length > 0 ? [text] : inPieces(text)) emit('response.output_text.delta', { ...place, delta, logprobs: tokens })
  for (const [at, annotation] of objectsIn(annotations).entries()) emit('response.output_text.annotation.added', { ...place, annotation_index: at, annotation })
  emit('response.output_text.done', { ...place, text, logprobs: tokens })
}

const objectsIn = (list: unknown): JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : [])

const inPieces = (text: unknown): string[] => (typeof text === 'string' ? (text.match(PIECE) ?? []) : [])
