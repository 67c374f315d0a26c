import { at, contentText, dataOf, inputOf, listAt, textAt } from '../read-json.ts'
import type { Asked } from '../shapes.ts'
import { cacheMarksIn } from './cache-marks.ts'
import { proofsIn } from './proofs.ts'

/** What a provider of OpenAI's chat is asked. */
export function askedOfChat(body: unknown): Asked {
  const messages = listAt(body, 'messages')
  const of = (...roles: string[]) => messages.filter(({ role }) => roles.includes(String(role)))
  const parts = of('user').flatMap(({ content }) => listAt(content))
  return {
    model: textAt(body, 'model'),
    stream: at(body, 'stream') === true,
    system: of('system', 'developer').map(({ content }) => contentText(content)).join('\n'),
    said: of('user').map(({ content }) => contentText(content)),
    images: parts.filter(({ type }) => type === 'image_url').map(part => dataOf(textAt(part, 'image_url', 'url'))),
    documents: parts.filter(({ type }) => type === 'file').map(part => dataOf(textAt(part, 'file', 'file_data'))),
    tools: new Map(listAt(body, 'tools').map(tool => [textAt(tool, 'function', 'name'), at(tool, 'function', 'parameters')])),
    calls: of('assistant').flatMap(message => listAt(message, 'tool_calls').map(call => ({ id: textAt(call, 'id'), name: textAt(call, 'function', 'name'), input: inputOf(textAt(call, 'function', 'arguments')) }))),
    results: of('tool').map(message => ({ call: textAt(message, 'tool_call_id'), text: contentText(message.content) })),
    answerSchema: at(body, 'response_format', 'json_schema', 'schema'),
    thinking: at(body, 'reasoning_effort') ?? at(body, 'thinking'),
    proofs: proofsIn(of('assistant')),
    cacheMarks: cacheMarksIn(body),
    stops: [at(body, 'stop') ?? []].flat().map(String),
    limit: at(body, 'max_tokens') ?? at(body, 'max_completion_tokens'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'top_p'),
    choices: at(body, 'n'),
    likely: at(body, 'logprobs') === true,
  }
}
