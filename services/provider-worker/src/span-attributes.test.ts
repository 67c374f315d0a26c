import { describe, expect, test } from 'vitest'
import { callAttributes } from './span-attributes.ts'

const attributesOf = (endpoint: Parameters<typeof callAttributes>[1]['endpoint'], type: string) =>
  callAttributes({ name: 'mine', type, apiKey: undefined, baseUrl: 'http://localhost', models: [], rank: 0 }, { requestId: 'r', endpoint, model: 'm', stream: false, includeUsage: false })

describe('a call in the words of OpenTelemetry', () => {
  test.each([
    ['chat', 'chat'],
    ['responses', 'chat'],
    ['messages', 'chat'],
    ['embeddings', 'embeddings'],
    ['count_tokens', 'count_tokens'],
  ] as const)('of %s is the operation %s', (endpoint, operation) => {
    expect(attributesOf(endpoint, 'openai')).toMatchObject({ 'gen_ai.operation.name': operation, 'gateway.endpoint': endpoint })
  })

  test.each([
    ['openai', 'openai'],
    ['gemini', 'gcp.gemini'],
    ['azure', 'azure.ai.openai'],
    ['xai', 'x_ai'],
    ['mistral', 'mistral_ai'],
    ['constructor', 'constructor'],
  ])('to %s is one to %s', (type, provider) => {
    expect(attributesOf('chat', type)).toMatchObject({ 'gen_ai.provider.name': provider, 'gateway.provider.instance': 'mine' })
  })
})
