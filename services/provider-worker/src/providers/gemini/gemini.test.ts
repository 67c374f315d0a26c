import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { providerOf } from '../index.ts'
import { bytesOf, identity, request } from './fixtures/asking.ts'

const gemini = providerOf(identity)
const compatible = providerOf({ ...identity, baseUrl: 'http://x/v1beta/openai' })

describe('Gemini', () => {
  test('takes its key in a header of its own', () => {
    expect(gemini.headers).toEqual(['content-type', 'application/json', 'accept-encoding', 'identity', 'x-goog-api-key', 'AIza-secret-1'])
    expect(providerOf({ ...identity, apiKey: undefined }).headers).not.toContain('x-goog-api-key')
  })

  test('lists the models that chat or embed, without what stands before their names', () => {
    const models = [
      { name: 'models/gemini-3-pro-preview', supportedGenerationMethods: ['generateContent', 'countTokens'] },
      { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
      { name: 'models/imagen-4', supportedGenerationMethods: ['predict'] },
      { name: 'models/gemini-3-pro-preview', supportedGenerationMethods: ['generateContent'] },
      { name: 'models/nothing' },
    ]
    expect(gemini.modelsPath).toBe('/models?pageSize=1000')
    expect(gemini.models(bytesOf({ models }))).toEqual([
      { id: 'gemini-3-pro-preview', created: 0, ownedBy: 'google' },
      { id: 'gemini-embedding-001', created: 0, ownedBy: 'google' },
    ])
    expect(() => gemini.models(bytesOf({ error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }))).toThrow(expect.objectContaining({ failure: 'key' }))
  })

  test('knows a model by the true one behind its name', () => {
    const tuned = providerOf({ ...identity, modelOptions: new Map([['tuned', { baseModel: 'gemini-2.5-flash' }]]) })
    const { body, path } = tuned.chat.begin({ model: 'tuned', messages: [{ role: 'user', content: 'a' }], reasoning_effort: 'low' }, { ...request, model: 'tuned' }, new Changes())
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ generationConfig: { thinkingConfig: { thinkingBudget: 1024 } } })
    expect(path).toBe('/models/tuned:generateContent')
  })
})

describe('Gemini in the dialect of OpenAI, where the base URL ends in /openai', () => {
  test('takes its key as any server of that dialect, and bytes pass untouched', () => {
    expect(compatible.headers).toContain('Bearer AIza-secret-1')
    expect(compatible.headers).not.toContain('x-goog-api-key')
    const body = '{"model":"gemini/x","messages":[{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"sig"}}}]}],"seed":12345678901234567890}'
    const call = compatible.native.chat!(Buffer.from(body), request, new Changes())
    expect(call.path).toBe('/chat/completions')
    expect(Buffer.from(call.body).toString()).toBe(body.replace('gemini/x', 'gemini-3-pro-preview'))
  })

  test('embeds', () => {
    const call = compatible.native.embeddings!(Buffer.from('{"model":"m","input":"a"}'), { ...request, endpoint: 'embeddings', model: 'gemini-embedding-001' }, new Changes())
    expect(call.path).toBe('/embeddings')
    expect(Buffer.from(call.body).toString()).toBe('{"model":"gemini-embedding-001","input":"a"}')
  })

  test('lists its models without what stands before their names', () => {
    expect(compatible.modelsPath).toBe('/models')
    expect(compatible.models(bytesOf({ object: 'list', data: [{ id: 'models/gemini-3-pro', owned_by: 'google' }] }))).toEqual([{ id: 'gemini-3-pro', created: 0, ownedBy: 'google' }])
  })

  test('refuses in Google’s words', () => {
    const error = compatible.error({ status: 400, body: bytesOf([{ error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }]), retryAfterMs: undefined })
    expect(error).toMatchObject({ failure: 'key' })
  })
})
