import { at, contentText, dataOf, inputOf, listAt, textAt } from '../read-json.ts'
import type { Asked } from '../shapes.ts'
import { cacheMarksIn } from './cache-marks.ts'
import { proofsIn } from './proofs.ts'

/** What a provider of OpenAI's Responses API is asked. */
export function askedOfResponses(body: unknown): Asked {
  const input = at(body, 'input')
  const items = listAt(body, 'input')
  const users = items.filter(({ role }) => role === 'user')
  const parts = users.flatMap(({ content }) => listAt(content))
  const format = at(body, 'text', 'format')
  return {
    model: textAt(body, 'model'),
    stream: at(body, 'stream') === true,
    system: textAt(body, 'instructions'),
    said: typeof input === 'string' ? [input] : users.map(({ content }) => contentText(content)),
    images: parts.filter(({ type }) => type === 'input_image').map(part => dataOf(textAt(part, 'image_url'))),
    documents: parts.filter(({ type }) => type === 'input_file').map(part => dataOf(textAt(part, 'file_data'))),
    tools: new Map(listAt(body, 'tools').map(tool => [textAt(tool, 'name'), tool.parameters])),
    calls: items.filter(({ type }) => type === 'function_call').map(item => ({ id: textAt(item, 'call_id'), name: textAt(item, 'name'), input: inputOf(textAt(item, 'arguments')) })),
    results: items.filter(({ type }) => type === 'function_call_output').map(item => ({ call: textAt(item, 'call_id'), text: contentText(item.output) })),
    answerSchema: at(format, 'schema'),
    thinking: at(body, 'reasoning', 'effort'),
    proofs: proofsIn(items.filter(({ role }) => role !== 'user')),
    cacheMarks: cacheMarksIn(body),
    stops: [],
    limit: at(body, 'max_output_tokens'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'top_p'),
    choices: undefined,
    likely: at(body, 'top_logprobs') !== undefined,
  }
}
