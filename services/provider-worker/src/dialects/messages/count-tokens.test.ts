import { describe, expect, test } from 'vitest'
import { RecordingCall } from '../../fixtures/recording-call.ts'
import { generatorAt } from '../../fixtures/generator.ts'
import { generateAnswer } from '../../generate.ts'

const prose = 'The gateway holds the connection of the client, and the workers hold the keys of the providers. '.repeat(40)
const closed = 'http://127.0.0.1:1'

async function counted(body: object): Promise<number> {
  const call = new RecordingCall({ endpoint: 'count_tokens' }, { messages: [{ role: 'user', content: 'hello' }], ...body })
  await generateAnswer(generatorAt(closed), call)
  return (JSON.parse(call.text) as { input_tokens: number }).input_tokens
}

describe('tokens counted where the provider does not count them', () => {
  test('are told without a call, and as an estimate', async () => {
    const call = new RecordingCall({ endpoint: 'count_tokens' }, { messages: [{ role: 'user', content: 'hello' }] })
    await expect(generateAnswer(generatorAt(closed), call)).resolves.toEqual({})
    expect(call.text).toBe('{"input_tokens":6}')
    expect(call.changes).toEqual([{ kind: 'emulated', param: 'input_tokens', to: 'estimate' }])
  })

  test('are near what prose is: about five for four words', async () => {
    const tokens = await counted({ messages: [{ role: 'user', content: prose }] })
    const words = prose.split(' ').length
    expect(tokens).toBeGreaterThan(words)
    expect(tokens).toBeLessThan(words * 1.8)
  })

  test('grow with everything that is sent, and an image is no text', async () => {
    const plain = await counted({})
    const data = 'A'.repeat(1_000_000)
    expect(await counted({ system: prose })).toBeGreaterThan(plain + 500)
    expect(await counted({ tools: [{ name: 'f', description: prose, input_schema: { type: 'object' } }] })).toBeGreaterThan(plain + 500)
    expect(await counted({ messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: prose }] }] })).toBeGreaterThan(plain + 500)
    expect(await counted({ messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }] }] })).toBe(1604)
    expect(await counted({ messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }] }] })).toBeLessThan(100_000)
  })

  test('are not guessed for a client that wants nothing emulated', async () => {
    const call = new RecordingCall({ endpoint: 'count_tokens', strict: true }, { messages: [{ role: 'user', content: 'hello' }] })
    await expect(generateAnswer(generatorAt(closed), call)).rejects.toMatchObject({ code: 'unsupported', details: { param: 'input_tokens' } })
  })

  test('of a request that is wrong are none', async () => {
    await expect(counted({ messages: [{ role: 'user' }] })).rejects.toMatchObject({ code: 'invalid_request', details: { param: 'messages[0].content' } })
  })
})
