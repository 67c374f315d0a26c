import { at, contentText, listAt, textAt } from '../read-json.ts'
import type { Asked, Fields } from '../shapes.ts'
import { cacheMarksIn } from './cache-marks.ts'
import { proofsIn } from './proofs.ts'

/** What a provider of Anthropic's Messages API is asked. */
export function askedOfMessages(body: unknown): Asked {
  const turns = listAt(body, 'messages')
  const blocksOf = (speaker: string): readonly Fields[] =>
    turns.filter(({ role }) => role === speaker).flatMap(({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : listAt(content)))
  const users = blocksOf('user')
  const source = (type: string) => users.filter(block => block.type === type).map(block => textAt(block, 'source', 'data') || textAt(block, 'source', 'url'))
  return {
    model: textAt(body, 'model'),
    stream: at(body, 'stream') === true,
    system: contentText(at(body, 'system')),
    said: users.filter(({ type }) => type === 'text').map(block => textAt(block, 'text')),
    images: source('image'),
    documents: source('document'),
    tools: new Map(listAt(body, 'tools').map(tool => [textAt(tool, 'name'), tool.input_schema])),
    calls: blocksOf('assistant').filter(({ type }) => type === 'tool_use').map(block => ({ id: textAt(block, 'id'), name: textAt(block, 'name'), input: block.input })),
    results: users.filter(({ type }) => type === 'tool_result').map(block => ({ call: textAt(block, 'tool_use_id'), text: contentText(block.content) })),
    answerSchema: at(body, 'output_config', 'format', 'schema'),
    thinking: at(body, 'thinking') ?? at(body, 'output_config', 'effort'),
    proofs: proofsIn(blocksOf('assistant')),
    cacheMarks: cacheMarksIn(body),
    stops: (at(body, 'stop_sequences') as readonly string[] | undefined) ?? [],
    limit: at(body, 'max_tokens'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'top_p'),
    choices: undefined,
    likely: false,
  }
}
