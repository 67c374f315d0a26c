import { inputOf, sse } from '../read-json.ts'
import type { Answer, Fields } from '../shapes.ts'
import { halves } from './chat.ts'
import { FAULT_MESSAGE, PROOF, SPENT, type Wire } from './wire.ts'

const { input, output, cached, thought } = SPENT
const ID = 'msg_01AbCd'

const INPUT_USAGE = { input_tokens: input - cached, cache_creation_input_tokens: 0, cache_read_input_tokens: cached, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }, service_tier: 'standard' }
const OUTPUT_USAGE = { output_tokens: output, output_tokens_details: { thinking_tokens: thought } }

const failure = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_011C' })

const event = (type: string, fields: Fields): string => sse({ type, ...fields }, type)

/** Anthropic's Messages API. */
export const MESSAGES_WIRE: Wire = {
  whole: (answer, model) =>
    JSON.stringify({ id: ID, type: 'message', role: 'assistant', model, content: blocksOf(answer), ...stopOf(answer), usage: { ...INPUT_USAGE, ...OUTPUT_USAGE } }),
  stream: (answer, model) => {
    const message = { id: ID, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: { ...INPUT_USAGE, output_tokens: 1 } }
    const begins = [
      event('message_start', { message }),
      event('ping', {}),
      ...blocksOf(answer).flatMap((block, index) => [
        event('content_block_start', { index, content_block: emptied(block) }),
        ...deltasOf(block, answer).map(delta => event('content_block_delta', { index, delta })),
        event('content_block_stop', { index }),
      ]),
    ]
    return { begins, ends: [event('message_delta', { delta: stopOf(answer), usage: { ...OUTPUT_USAGE } }), event('message_stop', {})] }
  },
  busy: JSON.stringify(failure('rate_limit_error', 'slow down')),
  atFault: JSON.stringify(failure('invalid_request_error', FAULT_MESSAGE)),
  errorEvent: sse(failure('overloaded_error', 'Overloaded'), 'error'),
  errorBody: JSON.stringify(failure('api_error', 'Internal server error')),
  tells: { thoughts: true, proof: PROOF, refusals: false, callIds: true, spent: SPENT },
}

function blocksOf({ thought: thinking, text, calls }: Answer): Fields[] {
  return [
    ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: PROOF }]),
    ...(text.length === 0 ? [] : [{ type: 'text', text: text.join('') }]),
    ...(calls ?? []).map(({ id, name, arguments: pieces }) => ({ type: 'tool_use', id, name, input: inputOf(pieces.join('')) })),
  ]
}

function emptied(block: Fields): Fields {
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' }
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
}

function deltasOf(block: Fields, answer: Answer): Fields[] {
  if (block.type === 'thinking') {
    const pieces = halves(String(block.thinking)).map(thinking => ({ type: 'thinking_delta', thinking }))
    return [...pieces, { type: 'signature_delta', signature: block.signature }]
  }
  if (block.type === 'text') return answer.text.map(text => ({ type: 'text_delta', text }))
  const call = answer.calls?.find(({ id }) => id === block.id)
  return ['', ...(call?.arguments ?? [])].map(piece => ({ type: 'input_json_delta', partial_json: piece }))
}

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', calls: 'tool_use', refused: 'refusal' } as const

const stopOf = ({ ending }: Answer): Fields => ({
  stop_reason: STOP_REASONS[ending],
  stop_sequence: null,
  ...(ending === 'refused' && { stop_details: { type: 'refusal', category: null, explanation: null } }),
})
