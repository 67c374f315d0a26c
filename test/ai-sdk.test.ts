import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embed, generateText, isStepCount, jsonSchema, type LanguageModel, Output, streamText, tool } from 'ai'
import { badRequest, startUpstream, type Upstream } from '@gomodel/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MASTER_KEY, PROVIDER_KEY, listed, startStandalone, type Gateway } from './gateway.ts'
import { GREETING, REPORT, SPENT, model } from './scripted-models.ts'

const colours = jsonSchema<{ colour: string }>({ type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'], additionalProperties: false })
const cities = jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false })
const GPT = 'openai/gpt-test'
const CLAUDE = 'anthropic/claude-sonnet-4-5'

let openai: Upstream
let anthropic: Upstream
let gateway: Gateway

beforeAll(async () => {
  openai = await startUpstream(model, ['gpt-test', 'embedder'])
  anthropic = await startUpstream(model, ['claude-sonnet-4-5'])
  gateway = await startStandalone(openai, { ANTHROPIC_API_KEY: PROVIDER_KEY, ANTHROPIC_BASE_URL: anthropic.url })
  await listed(gateway.url, CLAUDE)
})
afterEach(() => {
  openai.script = model
  anthropic.script = model
})
afterAll(async () => {
  await gateway?.stop()
  await anthropic?.stop()
  await openai?.stop()
})

const settings = () => ({ baseURL: `${gateway.url}/v1`, apiKey: MASTER_KEY })

/** The ways in which the SDK speaks to a gateway. */
const clients: readonly [string, (id: string) => LanguageModel][] = [
  ['@ai-sdk/openai, by responses', id => createOpenAI(settings())(id)],
  ['@ai-sdk/openai, by chat', id => createOpenAI(settings()).chat(id)],
  ['@ai-sdk/openai-compatible', id => createOpenAICompatible({ ...settings(), name: 'gomodel', includeUsage: true, supportsStructuredOutputs: true })(id)],
  ['@ai-sdk/anthropic', id => createAnthropic(settings())(id)],
]

/** The upstream that serves a model. */
const servedBy = (id: string): Upstream => (id === GPT ? openai : anthropic)

/** A tool, and the cities that it was asked for. */
function weather() {
  const asked: string[] = []
  const execute = ({ city }: { city: string }) => {
    asked.push(city)
    return { degrees: 21 }
  }
  return { asked, tools: { weather: tool({ description: 'in a city', inputSchema: cities, execute }) } }
}

async function collected(pieces: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = []
  for await (const piece of pieces) list.push(piece)
  return list
}

describe.each([GPT, CLAUDE])('the AI SDK at %s', id => {
  describe.each(clients)('with %s', (_, client) => {
    const asking = () => ({ model: client(id), maxRetries: 0 })

    test('gets a text and what it cost', async () => {
      const { text, finishReason, usage } = await generateText({ ...asking(), prompt: 'hello' })
      expect({ text, finishReason }).toEqual({ text: GREETING, finishReason: 'stop' })
      expect(usage).toMatchObject({ inputTokens: SPENT.input, outputTokens: SPENT.output })
    })

    test('streams a text and what it cost', async () => {
      const result = streamText({ ...asking(), prompt: 'hello' })
      const pieces = await collected(result.textStream)
      expect(pieces.join('')).toBe(GREETING)
      expect(pieces.length).toBeGreaterThan(1)
      expect(await result.finishReason).toBe('stop')
      expect(await result.usage).toMatchObject({ inputTokens: SPENT.input, outputTokens: SPENT.output })
    })

    test('has its tool called, and an answer made of the result', async () => {
      const { asked, tools } = weather()
      const { text, steps } = await generateText({ ...asking(), tools, prompt: 'How warm is it in Paris?', stopWhen: isStepCount(3) })
      expect({ asked, text, steps: steps.map(({ finishReason }) => finishReason) }).toEqual({ asked: ['Paris'], text: REPORT, steps: ['tool-calls', 'stop'] })
      expect(servedBy(id).requests.at(-1)?.body.toString()).toContain('degrees')
    })

    test('has its tool called in a stream, too', async () => {
      const { asked, tools } = weather()
      const result = streamText({ ...asking(), tools, prompt: 'How warm is it in Paris?', stopWhen: isStepCount(3) })
      expect((await collected(result.textStream)).join('')).toBe(REPORT)
      expect(asked).toEqual(['Paris'])
    })

    test('gets an object of its schema', async () => {
      const { output } = await generateText({ ...asking(), output: Output.object({ schema: colours }), prompt: 'Which colour has the sky?' })
      expect(output).toEqual({ colour: 'blue' })
      expect(servedBy(id).requests.at(-1)?.body.toString()).toContain('"colour"')
    })

    test('streams an object of its schema', async () => {
      const result = streamText({ ...asking(), output: Output.object({ schema: colours }), prompt: 'Which colour has the sky?' })
      expect(await result.output).toEqual({ colour: 'blue' })
    })

    test('learns what the provider found wrong', async () => {
      servedBy(id).script = () => badRequest('the prompt is too odd')
      const failure = await generateText({ ...asking(), prompt: 'hello' }).catch((thrown: unknown) => thrown)
      expect(failure).toBeInstanceOf(APICallError)
      expect(failure).toMatchObject({ statusCode: 400, message: expect.stringContaining('the prompt is too odd') })
    })
  })
})

describe('embeddings', () => {
  test.each([
    ['@ai-sdk/openai', () => createOpenAI(settings()).embedding('openai/embedder')],
    ['@ai-sdk/openai-compatible', () => createOpenAICompatible({ ...settings(), name: 'gomodel' }).embeddingModel('openai/embedder')],
  ])('come through %s', async (_, embedder) => {
    const { embedding, usage } = await embed({ model: embedder(), value: 'hello', maxRetries: 0 })
    expect(embedding).toEqual([0.25, -0.5])
    expect(usage.tokens).toBe(3)
  })
})
