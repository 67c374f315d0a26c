import { isObject, readObject, type JsonObject } from '../chat-forms/json-object.ts'

// To the end of the word behind 32 characters, as for a chat: smaller pieces read no smoother.
const PIECE = /[^]{1,32}\S{0,32}/gu

/** What is said at the end of a stream, and is not known at its beginning. */
const AT_THE_END = ['stop_reason', 'stop_sequence', 'stop_details']

/** A stored whole Message as the events that it could have been; throws when it is none. */
export function eventsFromMessage(bytes: Buffer): Buffer {
  const message = readObject(bytes.toString())
  const { content, usage } = message
  if (message.type !== 'message' || !Array.isArray(content) || !content.every(isObject) || !isObject(usage)) throw new Error('not a message')
  const ended = Object.entries(message).filter(([name]) => AT_THE_END.includes(name))
  const unended = Object.fromEntries(ended.map(([name]) => [name, null]))
  return Buffer.from(
    [
      eventOf('message_start', { message: { ...message, content: [], ...unended, usage: { ...usage, output_tokens: 0 } } }),
      ...content.flatMap(blockEvents),
      eventOf('message_delta', { delta: Object.fromEntries(ended), usage }),
      eventOf('message_stop', {}),
    ].join(''),
  )
}

const eventOf = (type: string, said: JsonObject): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...said })}\n\n`

function blockEvents(block: JsonObject, index: number): string[] {
  const { begun, deltas } = piecesOf(block)
  return [
    eventOf('content_block_start', { index, content_block: begun }),
    ...deltas.map(delta => eventOf('content_block_delta', { index, delta })),
    eventOf('content_block_stop', { index }),
  ]
}

/** A block as it begins, and what is said of it piece by piece; kinds that come whole begin as what they are. */
function piecesOf(block: JsonObject): { begun: JsonObject; deltas: JsonObject[] } {
  const { type, text, thinking, signature, citations, input } = block
  if (type === 'text' && typeof text === 'string') {
    const cited = Array.isArray(citations) ? citations.map(citation => ({ type: 'citations_delta', citation: citation as unknown })) : []
    const begun = { ...block, text: '', ...(cited.length > 0 && { citations: [] }) }
    return { begun, deltas: [...cited, ...inPieces(text).map(piece => ({ type: 'text_delta', text: piece }))] }
  }
  if (type === 'thinking' && typeof thinking === 'string') {
    const signed = typeof signature === 'string' && signature !== ''
    const deltas = inPieces(thinking).map(piece => ({ type: 'thinking_delta', thinking: piece }))
    return { begun: { ...block, thinking: '', ...(signed && { signature: '' }) }, deltas: signed ? [...deltas, { type: 'signature_delta', signature }] : deltas }
  }
  // Of all that has an input the pieces are told, be it run here, there or by Anthropic.
  if (isObject(input)) {
    return { begun: { ...block, input: {} }, deltas: Object.keys(input).length === 0 ? [] : inPieces(JSON.stringify(input)).map(piece => ({ type: 'input_json_delta', partial_json: piece })) }
  }
  return { begun: block, deltas: [] }
}

const inPieces = (text: string): string[] => text.match(PIECE) ?? []
