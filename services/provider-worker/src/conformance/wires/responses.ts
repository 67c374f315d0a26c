import { sse } from '../read-json.ts'
import type { Answer, Fields } from '../shapes.ts'
import { failuresOf, CHAT_HABITS } from './chat-habits.ts'
import { halves } from './chat.ts'
import { PROOF, SPENT, type Wire } from './wire.ts'

const { input, output, cached, thought } = SPENT
const USAGE = { input_tokens: input, input_tokens_details: { cached_tokens: cached }, output_tokens: output, output_tokens_details: { reasoning_tokens: thought }, total_tokens: input + output }
const { busy, atFault, broken } = failuresOf(CHAT_HABITS.openai ?? { error: () => ({}) })

/** OpenAI's Responses API. */
export const RESPONSES_WIRE: Wire = {
  whole: (answer, model) => JSON.stringify(ended(answer, model)),
  stream: (answer, model) => {
    const pieces = new Events()
    const begun = { ...ended(answer, model), status: 'in_progress', incomplete_details: null, output: [], usage: null }
    pieces.add('response.created', { response: begun })
    pieces.add('response.in_progress', { response: begun })
    for (const [index, item] of itemsOf(answer).entries()) tellItem(pieces, { item, index, answer })
    const begins = pieces.taken()
    const response = ended(answer, model)
    pieces.add(`response.${response.status}`, { response })
    return { begins, ends: pieces.taken() }
  },
  busy,
  atFault,
  errorEvent: sse({ type: 'error', sequence_number: 90, code: 'server_error', message: 'something went wrong', param: null }, 'error'),
  errorBody: broken,
  tells: { thoughts: true, proof: PROOF, refusals: true, callIds: true, spent: SPENT },
}

/** Numbers the events of one stream. */
class Events {
  #list: string[] = []
  #number = 0

  add(type: string, fields: Fields): void {
    this.#list.push(sse({ type, sequence_number: this.#number++, ...fields }, type))
  }

  taken(): string[] {
    const list = this.#list
    this.#list = []
    return list
  }
}

const ended = (answer: Answer, model: string) => ({
  id: 'resp_68af',
  object: 'response',
  created_at: 1_760_000_000,
  status: answer.ending === 'length' ? 'incomplete' : 'completed',
  error: null,
  incomplete_details: answer.ending === 'length' ? { reason: 'max_output_tokens' } : null,
  model,
  output: itemsOf(answer),
  parallel_tool_calls: true,
  usage: USAGE,
})

function itemsOf({ thought: text, text: pieces, refusal, calls, likely }: Answer): Fields[] {
  const said = pieces.length > 0 ? [{ type: 'output_text', annotations: [], logprobs: likely ? pieces.map(likelihood) : [], text: pieces.join('') }] : []
  const content = refusal === undefined ? said : [{ type: 'refusal', refusal }]
  return [
    ...(text === undefined ? [] : [{ id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text }], encrypted_content: PROOF }]),
    ...(content.length === 0 ? [] : [{ id: 'msg_1', type: 'message', status: 'completed', content, role: 'assistant' }]),
    // OpenAI says an empty object where nothing is to be said.
    ...(calls ?? []).map(({ id, name, arguments: parts }, at) => ({ id: `fc_${at}`, type: 'function_call', status: 'completed', arguments: parts.join('') || '{}', call_id: id, name })),
  ]
}

const likelihood = (token: string) => ({ token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [] })

function tellItem(events: Events, { item, index, answer }: { item: Fields; index: number; answer: Answer }): void {
  const place = { item_id: item.id, output_index: index }
  const begun = { ...item, ...(item.type === 'reasoning' ? { summary: [] } : { status: 'in_progress' }), ...(item.type === 'message' && { content: [] }), ...(item.type === 'function_call' && { arguments: '' }) }
  events.add('response.output_item.added', { output_index: index, item: begun })
  if (item.type === 'reasoning') {
    const part = { type: 'summary_text', text: answer.thought ?? '' }
    events.add('response.reasoning_summary_part.added', { ...place, summary_index: 0, part: { ...part, text: '' } })
    for (const delta of halves(part.text)) events.add('response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta })
    events.add('response.reasoning_summary_text.done', { ...place, summary_index: 0, text: part.text })
    events.add('response.reasoning_summary_part.done', { ...place, summary_index: 0, part })
  } else if (item.type === 'message') {
    tellMessage(events, place, answer)
  } else {
    const call = answer.calls?.find(({ id }) => id === item.call_id)
    for (const delta of call?.arguments.length ? call.arguments : ['{}']) events.add('response.function_call_arguments.delta', { ...place, delta })
    events.add('response.function_call_arguments.done', { ...place, arguments: item.arguments })
  }
  events.add('response.output_item.done', { output_index: index, item })
}

function tellMessage(events: Events, where: Fields, { text, refusal, likely }: Answer): void {
  const place = { ...where, content_index: 0 }
  if (refusal === undefined) {
    const part = { type: 'output_text', annotations: [], logprobs: [], text: text.join('') }
    events.add('response.content_part.added', { ...place, part: { ...part, text: '' } })
    for (const delta of text) events.add('response.output_text.delta', { ...place, delta, logprobs: likely ? [likelihood(delta)] : [] })
    events.add('response.output_text.done', { ...place, text: part.text, logprobs: likely ? text.map(likelihood) : [] })
    events.add('response.content_part.done', { ...place, part })
    return
  }
  const part = { type: 'refusal', refusal }
  events.add('response.content_part.added', { ...place, part: { ...part, refusal: '' } })
  for (const delta of halves(refusal)) events.add('response.refusal.delta', { ...place, delta })
  events.add('response.refusal.done', { ...place, refusal })
  events.add('response.content_part.done', { ...place, part })
}
