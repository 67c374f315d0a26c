import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { GenerateRequest, Identity } from '../../provider.ts'
import { openAiDialect } from './dialect.ts'
import { instanceOf, streamed } from './fixtures/wire.ts'

const azure = (base: string, more: Partial<Identity> = {}) => openAiDialect(instanceOf('azure', { baseUrl: `https://res.openai.azure.com${base}`, ...more }))
const body = (value: object = {}) => Buffer.from(JSON.stringify({ model: 'x', messages: [], ...value }))
const request: GenerateRequest = { ...streamed, stream: false, model: 'gpt 4' }

describe('an Azure resource', () => {
  test.each([
    ['/openai/deployments/prod', '/chat/completions?api-version=2024-10-21', ['prod']],
    ['', '/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21', []],
    ['/openai', '/deployments/gpt%204/chat/completions?api-version=2024-10-21', []],
    ['/openai/v1', '/chat/completions', []],
  ])('at %s is asked for a chat at %s', (base, path, models) => {
    const provider = azure(base)
    expect(provider.native.chat!(body(), request, new Changes()).path).toBe(path)
    expect(provider.chat.begin({ model: 'x', messages: [] }, request, new Changes()).path).toBe(path)
    expect(provider.native.embeddings!(body(), request, new Changes()).path).toBe(path.replace('/chat/completions', '/embeddings'))
    expect(provider).toMatchObject({ modelsPath: undefined, fixedModels: models })
    expect(provider.headers).toEqual(['content-type', 'application/json', 'accept-encoding', 'identity', 'api-key', 'key'])
  })

  test('is asked in the version that the operator chose', () => {
    expect(azure('', { apiVersion: '2025-04-01-preview' }).native.chat!(body(), request, new Changes()).path).toMatch(/\?api-version=2025-04-01-preview$/)
    expect(azure('/openai/v1', { apiVersion: 'preview' }).native.chat!(body(), request, new Changes()).path).toBe('/chat/completions?api-version=preview')
  })

  test('serves the models that the operator names', () => {
    expect(azure('/openai/deployments/prod', { models: ['a', 'b'] }).fixedModels).toEqual(['a', 'b'])
  })

  test.each([
    ['/openai/v1', undefined, '/responses'],
    ['', '2025-04-01-preview', '/openai/responses?api-version=2025-04-01-preview'],
    ['', undefined, undefined],
    ['/openai/deployments/prod', undefined, undefined],
  ])('at %s in version %s has responses at %s', (base, apiVersion, path) => {
    const provider = azure(base, apiVersion === undefined ? {} : { apiVersion })
    expect(provider.native.responses?.(body({ input: 'hi' }), request, new Changes()).path).toBe(path)
  })
})

describe('the models of Oracle', () => {
  test('are those that the operator names, else those that it lists', () => {
    expect(openAiDialect(instanceOf('oracle', { models: ['a'] }))).toMatchObject({ modelsPath: undefined, fixedModels: ['a'] })
    expect(openAiDialect(instanceOf('oracle')).modelsPath).toBe('/models')
  })
})

describe('besides the key', () => {
  const headers = (type: string, more: Partial<GenerateRequest> = {}, messages: unknown[] = []) => {
    const { headers: sent = [] } = openAiDialect(instanceOf(type)).native.chat!(body({ messages, tools: [] }), { ...request, ...more }, new Changes())
    return Object.fromEntries(Array.from({ length: sent.length / 2 }, (_, at) => [sent[2 * at], sent[2 * at + 1]]))
  }
  const turns = [{ role: 'system', content: 's' }, { role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }, { role: 'user', content: 'c' }]

  test('OpenRouter is told who asks', () => {
    expect(headers('openrouter')).toEqual({ 'http-referer': expect.stringContaining('GoModel') as string, 'x-title': 'GoModel' })
    expect(headers('openrouter', { headers: { 'x-title': 'Mine', 'http-referer': 'é' } })).toEqual({ 'http-referer': expect.stringContaining('GoModel') as string, 'x-title': 'Mine' })
  })

  test('xAI is told which conversation goes on', () => {
    const id = headers('xai', {}, turns.slice(0, 2))['x-grok-conv-id']
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(headers('xai', {}, turns)['x-grok-conv-id']).toBe(id)
    expect(headers('xai', {}, turns.slice(1))['x-grok-conv-id']).not.toBe(id)
    expect(headers('xai', { headers: { 'x-grok-conv-id': 'mine' } })).toEqual({ 'x-grok-conv-id': 'mine' })
    const translated = openAiDialect(instanceOf('xai')).chat.begin({ model: 'x', messages: turns as [], tools: [] }, request, new Changes())
    expect(translated.headers).toEqual(['x-grok-conv-id', id])
  })

  test('nobody else is told anything', () => {
    expect(headers('groq')).toEqual({})
  })
})
