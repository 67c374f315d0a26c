import { describe, expect, test } from 'vitest'
import { partitionOf } from './partition.ts'

const target = { instance: 'openai', model: 'gpt' }
const asked = (body: unknown, more: object = {}) => ({ tenant: 'a', endpoint: 'chat', target, policy: '', bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), ...more })
const turn = (text: string, member: 'messages' | 'input' = 'messages') => ({ member, text })
const chat = (text: string, more: object = {}) => ({ model: 'gpt', messages: [{ role: 'system', content: 'be short' }, { role: 'user', content: text }], ...more })
const of = (text: string, more: object = {}, question: object = {}) => partitionOf(asked(chat(text, more), question), turn(text))

describe('a partition', () => {
  const base = of('how far is the moon')

  test('is the same for whatever the user says last, and however the request is written', () => {
    expect(base).toMatch(/^[\w-]{43}$/)
    expect(of('what is "the moon" made of\n?')).toBe(base)
    expect(of('x', { stream: true, stream_options: { include_usage: true } })).toBe(base)
    expect(partitionOf(asked('{ "messages":[{"content":"be short","role":"system"}, {"content":"\\u0078","role":"user"}],"model":"openai/gpt"}'), turn('x'))).toBe(base)
  })

  const fields = {
    temperature: 0.1, top_p: 0.5, max_tokens: 5, max_completion_tokens: 5, stop: ['x'], seed: 1, n: 1, presence_penalty: 1, frequency_penalty: 1, logit_bias: { 1: 2 }, tool_choice: 'none', tools: [{ type: 'function' }],
    response_format: { type: 'json_object' }, reasoning_effort: 'low', top_k: 4, modalities: ['text'], verbosity: 'low', parallel_tool_calls: false, user: 'u', prompt_cache_key: 'k', prompt_cache_retention: '24h', metadata: { a: 'b' }, service_tier: 'flex', store: true, unheard_of: 1,
    messages: [{ role: 'system', content: 'be long' }, { role: 'user', content: 'x' }],
  }
  test.each(Object.entries(fields))('is another one with another %s', (name, value) => {
    expect(of('x', { [name]: value })).not.toBe(base)
  })

  test.each([['tenant', { tenant: 'b' }], ['endpoint', { endpoint: 'messages' }], ['target', { target: { ...target, model: 'other' } }], ['instance', { target: { ...target, instance: 'azure' } }], ['policy', { policy: 'strict' }]])('is another one for another %s', (_, question) => {
    expect(of('x', {}, question)).not.toBe(base)
  })

  test('holds all that was said before, the calls of tools and their ids too', () => {
    const history = (id: string, name: string) => ({ messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }] }, { role: 'tool', tool_call_id: id, content: '1' }, { role: 'user', content: 'x' }] })
    const partitions = [history('1', 'f'), history('2', 'f'), history('1', 'g')].map(more => of('x', more))
    expect(new Set(partitions).size).toBe(3)
  })

  test('cannot be forged by a text that looks like the place it is taken from', () => {
    const forged = partitionOf(asked(chat('"what the user said last"!')), turn('"what the user said last"!'))
    expect(forged).toBe(base)
    const twice = partitionOf(asked({ messages: [{ role: 'user', content: 'x' }, { role: 'user', content: 'x' }] }), turn('x'))
    expect(twice).not.toBe(partitionOf(asked({ messages: [{ role: 'user', content: 'y' }, { role: 'user', content: 'x' }] }), turn('x')))
  })

  test('is none where the text is not there as it was read, or the conversation is there twice', () => {
    expect(partitionOf(asked(chat('x')), turn('something else'))).toBeUndefined()
    expect(partitionOf(asked('{"messages":[{"role":"user","content":"a"}],"messages":[{"role":"user","content":"x"}]}'), turn('x'))).toBeUndefined()
  })

  test('keeps numbers apart that a parser takes for one', () => {
    const seed = (text: string) => partitionOf(asked(`{"seed":${text},"messages":[{"role":"user","content":"x"}]}`), turn('x'))
    expect(seed('12345678901234567890')).not.toBe(seed('12345678901234567891'))
    expect(seed('1')).not.toBe(seed('1.0'))
  })
})
