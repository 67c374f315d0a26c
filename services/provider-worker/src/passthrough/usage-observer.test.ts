import { NO_TOKENS, inputTokens, outputTokens } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { type AnswerForm, type Unobserved, UsageObserver } from './usage-observer.ts'

function seen(form: AnswerForm, text: string, cut = 7) {
  const reasons: Unobserved[] = []
  const observer = new UsageObserver(form, { unobserved: why => reasons.push(why), event: () => undefined })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += cut) observer.push(bytes.subarray(at, at + cut))
  observer.end()
  return { usage: observer.usage, native: observer.nativeUsage, reasons }
}

const events = (...data: unknown[]) => data.map(value => `event: x\ndata: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('')

const chat = { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 2 } }
const responses = { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 }, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 15 }
const gemini = { promptTokenCount: 10, candidatesTokenCount: 3, thoughtsTokenCount: 2, cachedContentTokenCount: 4, totalTokenCount: 15 }
const same = { ...NO_TOKENS, inputUncached: 6, inputCacheRead: 4, outputText: 3, outputReasoning: 2, source: 'final' }
const anthropic = { input_tokens: 6, cache_read_input_tokens: 4, cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 }, output_tokens: 1 }
const ofAnthropic = { ...NO_TOKENS, inputUncached: 6, inputCacheRead: 4, inputCacheWrite5m: 2, inputCacheWrite1h: 5, outputText: 30, source: 'final' }

describe('what an answer cost is seen', () => {
  test.each([
    ['a chat', 'document', JSON.stringify({ choices: [], usage: chat }), same],
    ['embeddings', 'document', JSON.stringify({ data: [], usage: { prompt_tokens: 9, total_tokens: 9 } }), { ...NO_TOKENS, inputUncached: 9, source: 'final' }],
    ['a response', 'document', JSON.stringify({ object: 'response', usage: responses }), same],
    ['a message', 'document', JSON.stringify({ type: 'message', usage: { ...anthropic, output_tokens: 30 } }), ofAnthropic],
    ['Gemini', 'document', JSON.stringify({ candidates: [], usageMetadata: gemini }), same],
    ['a stream of Gemini that is one array', 'document', JSON.stringify([{ usageMetadata: { promptTokenCount: 10 } }, { usageMetadata: gemini }, {}]), same],
    ['a stream of a chat', 'events', events({ choices: [], usage: null }, { choices: [], usage: chat }, '[DONE]'), same],
    ['a stream of a response', 'events', events({ type: 'response.created', response: { usage: null } }, { type: 'response.completed', response: { usage: responses } }), same],
    ['a stream of a message', 'events', events({ type: 'message_start', message: { usage: anthropic } }, { type: 'message_delta', usage: { output_tokens: 30, cache_read_input_tokens: null } }), ofAnthropic],
    ['a stream of Gemini', 'events', events({ usageMetadata: { promptTokenCount: 10 } }, { usageMetadata: gemini }), same],
    ['a stream whose last event is not ended', 'events', events({ usage: chat }).trimEnd(), same],
  ] as const)('of %s', (_, form, text, expected) => {
    for (const cut of [1, 7, 100_000]) expect(seen(form, text, cut)).toMatchObject({ usage: expected, reasons: [] })
  })

  test('of the results of a batch, all together', () => {
    const lines = [{ response: { status_code: 200, body: { usage: chat } } }, { response: { body: { usage: responses } } }, { error: { code: 'x' } }, { result: { message: { usage: { input_tokens: 1, output_tokens: 2 } } } }]
    const { usage, native } = seen('lines', lines.map(line => JSON.stringify(line)).join('\n'))
    expect([inputTokens(usage!), outputTokens(usage!), usage!.outputReasoning]).toEqual([21, 12, 4])
    expect(native).toBeUndefined()
  })

  test('as the provider gave it, too', () => {
    expect(seen('document', JSON.stringify({ usage: { ...chat, extra: 'kept' } })).native).toEqual({ ...chat, extra: 'kept' })
  })
})

describe('nothing is seen', () => {
  test.each([
    ['where it is not said', 'document', '{"usage":null,"choices":[]}'],
    ['in a batch, which tells it each time that it is looked at', 'document', JSON.stringify({ object: 'batch', usage: responses })],
    ['in words', 'events', events('the "usage" is {')],
    ['in numbers of another kind', 'document', JSON.stringify({ usage: { seconds: 12 } })],
    ['in a list', 'document', '["usage"]'],
  ] as const)('%s', (_, form, text) => {
    expect(seen(form, text)).toMatchObject({ usage: undefined, reasons: [] })
  })

  test('in what is too large to look into, and that is said once', () => {
    const filler = 'x'.repeat(5 * 1024 * 1024)
    for (const [form, text] of [['document', JSON.stringify({ filler, usage: chat })], ['events', events({ filler, usage: chat })], ['lines', JSON.stringify({ filler, usage: chat })]] as const) {
      expect(seen(form, text, 65_536)).toMatchObject({ usage: undefined, reasons: ['too_large'] })
    }
  })

  test('in what is no JSON after all, and that is said', () => {
    expect(seen('document', '{"usage":{')).toMatchObject({ usage: undefined, reasons: ['unreadable'] })
  })
})
