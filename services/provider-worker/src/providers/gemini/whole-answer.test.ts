import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { begun, bytesOf } from './fixtures/asking.ts'
import { HEAD, blocked, candidate, functionCall, unavailable, whole } from './fixtures/answers.ts'

const answer = (body: unknown) => begun().answer(bytesOf(body))
const choice = (body: unknown) => answer(body).completion.choices[0]
const message = (parts: readonly object[], more: object = {}) => choice(whole(parts, more))?.message

describe('a whole answer', () => {
  test('of text', () => {
    expect(answer(whole([{ text: 'Hello' }, { text: ' there', thoughtSignature: 'sig' }]))).toEqual({
      completion: {
        id: 'resp_1',
        object: 'chat.completion',
        created: 1775149430,
        model: 'gemini-3-pro-preview',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'Hello there', reasoning_details: [{ type: 'reasoning.encrypted', data: 'sig', format: 'google-gemini-v1', index: 0 }] },
            finish_reason: 'stop',
          },
        ],
      },
      end: { usage: { ...NO_TOKENS, inputUncached: 10, outputText: 5, outputReasoning: 20, source: 'final' }, finish: 'stop', natural: true },
    })
  })

  test('without a name of its own is named after the request, and was made at no known time', () => {
    expect(answer({ candidates: [candidate([{ text: 'a' }], { finishReason: 'STOP' })] })).toMatchObject({ completion: { id: 'r-1', created: 0, model: 'gemini-3-pro-preview' }, end: { natural: true } })
  })

  test('of thoughts keeps them apart, and every signature, on whatever part it is', () => {
    const parts = [{ text: 'Let me see. ', thought: true }, { text: 'Yes.', thought: true, thoughtSignature: 'one' }, { text: '42' }, { text: '', thoughtSignature: 'two' }]
    expect(message(parts)).toEqual({
      role: 'assistant',
      content: '42',
      reasoning_content: 'Let me see. Yes.',
      reasoning_details: [
        { type: 'reasoning.encrypted', data: 'one', format: 'google-gemini-v1', index: 0 },
        { type: 'reasoning.encrypted', data: 'two', format: 'google-gemini-v1', index: 1 },
      ],
    })
  })

  test('of calls of tools has an id for each, and ends with them though Gemini says STOP', () => {
    const given = whole([functionCall('weather', { city: 'Bonn' }, { thoughtSignature: 'sig' }), functionCall('now', undefined), { functionCall: { id: 'own', name: 'now', args: {} } }])
    expect(choice(given)).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_resp_1_0_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' }, extra_content: { google: { thought_signature: 'sig' } } },
          { id: 'call_resp_1_0_1', type: 'function', function: { name: 'now', arguments: '{}' } },
          { id: 'own', type: 'function', function: { name: 'now', arguments: '{}' } },
        ],
      },
      finish_reason: 'tool_calls',
    })
    expect(answer(given).end).toMatchObject({ finish: 'tool_calls', natural: true })
  })

  test('of a picture has it as a data URL, and of sound as a file', () => {
    expect(message([{ text: 'Here:' }, { inlineData: { mimeType: 'image/png', data: 'iVBOR' } }, { inlineData: { mimeType: 'audio/pcm;rate=24000', data: 'AAAA' } }])).toEqual({
      role: 'assistant',
      content: 'Here:',
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR' } }],
      files: [{ type: 'file', file: { file_data: 'data:audio/pcm;rate=24000;base64,AAAA' } }],
    })
  })

  test('of code that Gemini ran shows it and what came of it', () => {
    const parts = [{ text: 'Run:' }, { executableCode: { language: 'PYTHON', code: 'print(1)\n' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } }]
    expect(message(parts)?.content).toBe('Run:\n```python\nprint(1)\n```\n\n```\n1\n```\n')
  })

  test('that rests on pages cites them, by characters', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }, { web: { uri: 'https://b.example' } }],
      groundingSupports: [{ segment: { startIndex: 7, endIndex: 12, text: 'Köln' }, groundingChunkIndices: [0, 1, 9] }],
    }
    const cited = (url: string, title: string, start_index: number, end_index: number) => ({ type: 'url_citation', url_citation: { url, title, start_index, end_index } })
    expect(message([{ text: 'Größ Köln' }], { groundingMetadata })?.annotations).toEqual([cited('https://a.example', 'A', 5, 9), cited('https://b.example', '', 5, 9)])
    expect(message([{ text: 'Köln' }], { groundingMetadata: { groundingChunks: groundingMetadata.groundingChunks } })?.annotations).toEqual([cited('https://a.example', 'A', 0, 0), cited('https://b.example', '', 0, 0)])
  })

  test('says how likely its words were', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'ü', tokenId: 5, logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: 'ü', logProbability: -0.5 }, { token: 'a', logProbability: -2 }] }],
    }
    expect(choice(whole([{ text: 'ü' }], { logprobsResult }))?.logprobs).toEqual({
      content: [{ token: 'ü', logprob: -0.5, bytes: [0xc3, 0xbc], top_logprobs: [{ token: 'ü', logprob: -0.5, bytes: [0xc3, 0xbc] }, { token: 'a', logprob: -2, bytes: [0x61] }] }],
      refusal: null,
    })
  })

  test('of several candidates has a choice for each', () => {
    const { completion, end } = answer({ candidates: [candidate([{ text: 'a' }], { finishReason: 'STOP' }), candidate([functionCall('f', {})], { index: 1, finishReason: 'MAX_TOKENS' })], ...HEAD })
    expect(completion.choices).toMatchObject([
      { index: 0, message: { content: 'a' }, finish_reason: 'stop' },
      { index: 1, message: { tool_calls: [{ id: 'call_resp_1_1_0' }] }, finish_reason: 'length' },
    ])
    expect(end).toMatchObject({ finish: 'stop', natural: false })
  })

  test.each([
    ['STOP', { finish_reason: 'stop' }, true],
    ['MAX_TOKENS', { finish_reason: 'length' }, false],
    ['SAFETY', { finish_reason: 'content_filter', native_finish_reason: 'SAFETY' }, false],
    ['RECITATION', { finish_reason: 'content_filter', native_finish_reason: 'RECITATION' }, false],
    ['SOMETHING_NEW', { finish_reason: 'content_filter', native_finish_reason: 'SOMETHING_NEW' }, false],
  ])('that ends with %s', (finishReason, expected, natural) => {
    expect(choice(whole([{ text: 'a' }], { finishReason }))).toMatchObject(expected)
    expect(answer(whole([{ text: 'a' }], { finishReason })).end.natural).toBe(natural)
  })

  test('that was cut or refused before its first word is empty', () => {
    expect(choice({ candidates: [{ index: 0, finishReason: 'MAX_TOKENS' }], ...HEAD })).toMatchObject({ message: { content: '' }, finish_reason: 'length' })
    expect(answer(blocked)).toMatchObject({
      completion: { choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'content_filter', native_finish_reason: 'PROHIBITED_CONTENT' }] },
      end: { finish: 'content_filter', natural: false, usage: { inputUncached: 7 } },
    })
  })

  test.each([
    [whole([], { finishReason: 'MALFORMED_FUNCTION_CALL' }), 'misspoke', 'provider_failed'],
    [whole([{ text: 'a' }], { finishReason: 'OTHER' }), 'misspoke', 'provider_failed'],
    [whole([{ text: 'a' }], { finishReason: 'MISSING_THOUGHT_SIGNATURE' }), 'caller', 'provider_failed'],
    [whole([{ text: 'a' }], { finishReason: undefined }), 'transport', 'provider_failed'],
    [HEAD, 'transport', 'provider_failed'],
    ['{"candidates":[', 'transport', 'provider_failed'],
    ['[]', 'protocol', 'provider_failed'],
    [unavailable, 'overload', 'provider_failed'],
    [[unavailable], 'overload', 'provider_failed'],
  ])('is none: %o', (body, failure, code) => {
    expect(() => answer(body)).toThrow(expect.objectContaining({ failure, code }))
  })
})

describe('usage', () => {
  const usageOf = (usageMetadata: unknown) => answer({ ...whole([{ text: 'a' }]), usageMetadata }).end.usage

  test.each([
    [{ promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 7 }, { inputUncached: 40, inputCacheRead: 60, outputText: 7 }],
    [{ promptTokenCount: 100, toolUsePromptTokenCount: 30, candidatesTokenCount: 7, thoughtsTokenCount: 9 }, { inputUncached: 130, outputText: 7, outputReasoning: 9 }],
    [
      {
        promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 50,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }, { modality: 'AUDIO', tokenCount: 80 }],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 60 }],
        candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 45 }],
      },
      { inputUncached: 20, inputCacheRead: 60, inputAudio: 20, outputText: 5, outputAudio: 45 },
    ],
    [{ promptTokenCount: 5, cachedContentTokenCount: 9, candidatesTokenCount: 1.6 }, { inputCacheRead: 5, outputText: 2 }],
    [{ promptTokenCount: 5, candidatesTokenCount: -3 }, { inputUncached: 5 }],
    [{ promptTokenCount: 5, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 50 }] }, { inputAudio: 5 }],
  ])('of %o', (usageMetadata, parts) => {
    expect(usageOf(usageMetadata)).toEqual({ ...NO_TOKENS, ...parts, source: 'final' })
  })

  test.each([undefined, null, {}, { trafficType: 'ON_DEMAND' }])('is not known from %o', usageMetadata => {
    expect(usageOf(usageMetadata)).toBeUndefined()
  })
})
