import { at, contentText, listAt, textAt } from '../read-json.ts'
import type { Asked } from '../shapes.ts'
import { proofsIn } from './proofs.ts'

/** What Gemini is asked; the model and whether it streams are in the path. */
export function askedOfGemini(body: unknown, path: string): Asked {
  const turns = listAt(body, 'contents')
  const partsOf = (speaker: string) => turns.filter(({ role }) => role === speaker).flatMap(({ parts }) => listAt(parts))
  const users = partsOf('user')
  const config = at(body, 'generationConfig')
  const inlined = (kind: RegExp) => users.filter(part => kind.test(textAt(part, 'inlineData', 'mimeType'))).map(part => textAt(part, 'inlineData', 'data'))
  const calls = partsOf('model').filter(({ functionCall }) => functionCall)
  return {
    model: /models\/([^:]+):/.exec(path)?.[1] ?? '',
    stream: path.includes(':streamGenerateContent'),
    system: contentText(at(body, 'systemInstruction', 'parts')),
    said: users.map(part => textAt(part, 'text')).filter(text => text !== ''),
    images: inlined(/^image\//),
    documents: inlined(/pdf$/),
    tools: new Map(listAt(body, 'tools').flatMap(({ functionDeclarations }) => listAt(functionDeclarations)).map(tool => [textAt(tool, 'name'), tool.parametersJsonSchema ?? tool.parameters])),
    calls: calls.map(({ functionCall }) => ({ id: textAt(functionCall, 'id'), name: textAt(functionCall, 'name'), input: at(functionCall, 'args') })),
    results: users.filter(({ functionResponse }) => functionResponse).map(({ functionResponse }) => ({ call: textAt(functionResponse, 'id'), text: JSON.stringify(at(functionResponse, 'response')) })),
    answerSchema: at(config, 'responseJsonSchema') ?? at(config, 'responseSchema'),
    thinking: at(config, 'thinkingConfig'),
    proofs: proofsIn(partsOf('model')),
    cacheMarks: { tools: 0, words: 0 },
    stops: (at(config, 'stopSequences') as readonly string[] | undefined) ?? [],
    limit: at(config, 'maxOutputTokens'),
    temperature: at(config, 'temperature'),
    topP: at(config, 'topP'),
    choices: at(config, 'candidateCount'),
    likely: at(config, 'responseLogprobs') === true,
  }
}
