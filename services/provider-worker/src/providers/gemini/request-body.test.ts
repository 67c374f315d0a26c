import { describe, expect, test } from 'vitest'
import type { HubRequest } from '../../hub/hub.ts'
import { refusalOf, sent } from './fixtures/asking.ts'

const OLD = { model: 'gemini-2.5-flash' }
const configOf = (chat: Partial<HubRequest>, model?: string) => sent(chat, model === undefined ? {} : { model }).body.generationConfig

describe('a request', () => {
  test('goes to the model that its path names', () => {
    expect(sent({}).path).toBe('/models/gemini-3-pro-preview:generateContent')
    expect(sent({}, { stream: true }).path).toBe('/models/gemini-3-pro-preview:streamGenerateContent?alt=sse')
    expect(sent({}, { model: 'models/gemini-2.5-pro' }).path).toBe('/models/gemini-2.5-pro:generateContent')
    expect(sent({}, { model: 'tuned/../x?y#z' }).path).toBe('/models/tuned%2F..%2Fx%3Fy%23z:generateContent')
  })

  test('that says little is little', () => {
    expect(sent({ stream: true, stream_options: { include_usage: true }, n: 1, temperature: null, tools: [], store: false, metadata: {} })).toMatchObject({
      body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
      changes: [],
    })
    expect(Object.keys(sent({}).body)).toEqual(['contents'])
  })

  test('says how to answer in Gemini’s words', () => {
    const { body, changes } = sent({
      max_completion_tokens: 50, temperature: 0.5, top_p: 0.9, top_k: 40, stop: 'END', n: 2, seed: 7, presence_penalty: 0.1, frequency_penalty: 0.2, logprobs: true, top_logprobs: 3, modalities: ['text', 'image'],
    })
    expect(body.generationConfig).toEqual({
      maxOutputTokens: 50, temperature: 0.5, topP: 0.9, topK: 40, stopSequences: ['END'], candidateCount: 2, seed: 7, presencePenalty: 0.1, frequencyPenalty: 0.2,
      responseLogprobs: true, logprobs: 3, responseModalities: ['TEXT', 'IMAGE'],
    })
    expect(changes.map(({ kind }) => kind)).toEqual(['renamed', 'renamed', 'renamed'])
  })

  test.each([
    [{ temperature: 2.5 }, { temperature: 2 }, { kind: 'clamped', param: 'temperature', to: '2' }],
    [{ temperature: -1 }, { temperature: 0 }, { kind: 'clamped', param: 'temperature', to: '0' }],
    [{ stop: ['1', '2', '3', '4', '5', '6'] }, { stopSequences: ['1', '2', '3', '4', '5'] }, { kind: 'clamped', param: 'stop', to: 'the first 5' }],
    [{ seed: 2 ** 32 + 5 }, { seed: 5 }, { kind: 'emulated', param: 'seed', to: '5' }],
    [{ max_tokens: 9, max_completion_tokens: 5 }, { maxOutputTokens: 5 }, { kind: 'dropped', param: 'max_tokens' }],
  ])('is bent where Gemini takes less: %o', (chat, config, change) => {
    const { body, changes } = sent(chat)
    expect(body.generationConfig).toEqual(config)
    expect(changes).toContainEqual(change)
  })

  test.each(['logit_bias', 'user', 'service_tier', 'unheard_of'])('takes note of what is left out: %s', field => {
    expect(sent({ [field]: field === 'logit_bias' ? { 5: 1 } : 'x' })).toMatchObject({ changes: [{ kind: 'dropped', param: field }] })
  })

  test('leaves out the thinking that is said in Anthropic’s words, for it is said in the hub’s too', () => {
    expect(sent({ thinking: { type: 'enabled', budget_tokens: 2000 } })).toMatchObject({ changes: [] })
  })

  test('is refused where something essential would be left out', () => {
    expect(refusalOf({ functions: [{ name: 'f' }] })).toMatchObject({ code: 'unsupported', param: 'functions' })
  })

  test('asks for JSON', () => {
    expect(configOf({ response_format: { type: 'json_object' } })).toEqual({ responseMimeType: 'application/json' })
    expect(configOf({ response_format: { type: 'text' } })).toBeUndefined()
    expect(configOf({ response_format: { type: 'json_schema', json_schema: { name: 'city', schema: { type: 'object', properties: { name: { type: 'string' } } }, strict: true } } })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: { title: 'city', type: 'object', properties: { name: { type: 'string' } } },
    })
  })
})

describe('an effort', () => {
  test.each([
    ['gemini-3-pro-preview', 'low', { thinkingLevel: 'low', includeThoughts: true }, 'renamed'],
    ['gemini-3-pro-preview', 'medium', { thinkingLevel: 'high', includeThoughts: true }, 'clamped'],
    ['gemini-3-pro-preview', 'none', { thinkingLevel: 'low', includeThoughts: true }, 'clamped'],
    ['gemini-3.1-pro-preview', 'medium', { thinkingLevel: 'medium', includeThoughts: true }, 'renamed'],
    ['gemini-3-flash-preview', 'minimal', { thinkingLevel: 'minimal', includeThoughts: true }, 'renamed'],
    ['gemini-9-ultra', 'xhigh', { thinkingLevel: 'high', includeThoughts: true }, 'clamped'],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }, 'renamed'],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192, includeThoughts: true }, 'renamed'],
    ['gemini-2.5-flash', 'xhigh', { thinkingBudget: 24_576, includeThoughts: true }, 'clamped'],
    ['models/gemini-2.5-pro', 'none', { thinkingBudget: 128, includeThoughts: true }, 'clamped'],
    ['gemini-2.0-flash', 'high', undefined, 'dropped'],
    ['gemini-3-pro-preview', 'enormous', undefined, 'dropped'],
  ])('of %s that is %s', (model, effort, thinkingConfig, kind) => {
    const { body, changes } = sent({ reasoning_effort: effort }, { model })
    expect(body.generationConfig).toEqual(thinkingConfig && { thinkingConfig })
    expect(changes).toMatchObject([{ kind, param: 'reasoning_effort' }])
  })

  test('of none changes nothing for a model that does not think', () => {
    expect(sent({ reasoning_effort: 'none' }, { model: 'gemini-2.0-flash' })).toMatchObject({ changes: [] })
  })
})

describe('Gemini’s own fields', () => {
  const SAFETY = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]

  test('pass, in both spellings', () => {
    expect(sent({ safety_settings: SAFETY, cachedContent: 'cachedContents/1' })).toMatchObject({ body: { safetySettings: SAFETY, cachedContent: 'cachedContents/1' }, changes: [] })
    expect(sent({ extra_body: { google: { cached_content: 'cachedContents/1', safety_settings: SAFETY } } })).toMatchObject({ body: { safetySettings: SAFETY, cachedContent: 'cachedContents/1' }, changes: [] })
    expect(sent({ extra_body: { google: {}, other: 1 } }).changes).toEqual([{ kind: 'dropped', param: 'extra_body.other' }])
  })

  test('add to those of the hub', () => {
    const { body } = sent({ temperature: 1, generationConfig: { media_resolution: 'MEDIA_RESOLUTION_LOW' } })
    expect(body.generationConfig).toEqual({ temperature: 1, mediaResolution: 'MEDIA_RESOLUTION_LOW' })
    const tools: HubRequest['tools'] = [{ type: 'function', function: { name: 'f' } }]
    expect(sent({ tools, tool_choice: 'required', extra_body: { google: { tools: [{ googleSearch: {} }], toolConfig: { retrievalConfig: { languageCode: 'de' } } } } }).body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' }, retrievalConfig: { languageCode: 'de' } },
    })
  })

  test('say the thinking more finely than an effort does', () => {
    const { body, changes } = sent({ reasoning_effort: 'high', extra_body: { google: { thinking_config: { thinking_budget: 300, include_thoughts: true } } } }, OLD)
    expect(body.generationConfig).toEqual({ thinkingConfig: { thinkingBudget: 300, includeThoughts: true } })
    expect(changes).toEqual([{ kind: 'dropped', param: 'reasoning_effort' }])
  })

  test('are refused when they are of the wrong type', () => {
    expect(refusalOf({ generationConfig: 5 })).toMatchObject({ code: 'invalid_request', param: 'generationConfig' })
  })
})

describe('tools', () => {
  const tool = (parameters?: Record<string, unknown>, more: object = {}) => ({ type: 'function' as const, function: { name: 'look_up', description: 'Finds.', ...(parameters && { parameters }), ...more } })
  const toolConfigOf = (chat: Partial<HubRequest>) => sent({ tools: [tool()], ...chat }).body.toolConfig

  test('are declared, without parameters where there are none', () => {
    const schema = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'], additionalProperties: false }
    expect(sent({ tools: [tool(schema), tool(), tool({ type: 'object', properties: {}, additionalProperties: false })] })).toMatchObject({
      body: { tools: [{ functionDeclarations: [{ name: 'look_up', description: 'Finds.', parametersJsonSchema: schema }, { name: 'look_up', description: 'Finds.' }, { name: 'look_up', description: 'Finds.' }] }] },
      changes: [],
    })
    expect(JSON.stringify(sent({ tools: [tool({ type: 'object', properties: {} })] }).body)).not.toContain('parameters')
  })

  test.each([
    [{ tool_choice: 'auto' }, undefined],
    [{ tool_choice: 'none' }, { mode: 'NONE' }],
    [{ tool_choice: 'required' }, { mode: 'ANY' }],
    [{ tool_choice: { type: 'function', function: { name: 'look_up' } } }, { mode: 'ANY', allowedFunctionNames: ['look_up'] }],
    [{ tools: [tool({ type: 'object' }, { strict: true })] }, { mode: 'VALIDATED' }],
    [{ tools: [], tool_choice: 'required' }, undefined],
  ] as [Partial<HubRequest>, object | undefined][])('are called as is said: %o', (chat, functionCallingConfig) => {
    expect(toolConfigOf(chat)).toEqual(functionCallingConfig && { functionCallingConfig })
  })

  test('may be called several at a time whatever is said', () => {
    expect(sent({ tools: [tool()], parallel_tool_calls: false }).changes).toEqual([{ kind: 'dropped', param: 'parallel_tool_calls' }])
    expect(sent({ tools: [tool()], parallel_tool_calls: true }).changes).toEqual([])
  })
})
