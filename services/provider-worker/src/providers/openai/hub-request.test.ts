import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { openAiDialect } from './dialect.ts'
import { instanceOf, streamed } from './fixtures/wire.ts'

function asked(type: string, chat: Partial<HubRequest>) {
  const changes = new Changes()
  const call = openAiDialect(instanceOf(type)).chat.begin({ model: 'x', messages: [{ role: 'user', content: 'hi' }], ...chat }, { ...streamed, stream: false }, changes)
  return { sent: JSON.parse(Buffer.from(call.body).toString()) as HubRequest, notes: changes.list.map(({ kind, param }) => `${kind} ${param}`) }
}
const ephemeral = { type: 'ephemeral' } as const
const detail = (format: string) => ({ type: 'reasoning.text', text: 'r', signature: 's', format }) as const

describe('a request of another dialect', () => {
  test('says its thinking by effort only', () => {
    expect(asked('vllm', { thinking: { type: 'enabled', budget_tokens: 1 }, reasoning_effort: 'low' })).toEqual({
      sent: { model: 'm', messages: [{ role: 'user', content: 'hi' }], reasoning_effort: 'low' },
      notes: [],
    })
  })

  test.each([
    ['openrouter', 5, []],
    ['vllm', 5, []],
    ['groq', undefined, ['dropped top_k']],
  ])('keeps top_k for %s, or not', (type, kept, notes) => {
    const { sent, notes: said } = asked(type, { top_k: 5 })
    expect(sent.top_k).toBe(kept)
    expect(said).toEqual(notes)
  })

  test('keeps marks of the cache where they are known', () => {
    const chat: Partial<HubRequest> = {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: ephemeral }, { type: 'text', text: 'b', cache_control: null }] }],
      tools: [{ type: 'function', function: { name: 'f' }, cache_control: ephemeral }],
    }
    expect(asked('openrouter', chat)).toEqual({ sent: { model: 'm', ...chat }, notes: [] })
    expect(asked('groq', chat)).toEqual({
      sent: { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }], tools: [{ type: 'function', function: { name: 'f' } }] },
      notes: ['dropped messages[0].content[0].cache_control', 'dropped tools[0].cache_control'],
    })
  })

  test.each([
    ['openrouter', { reasoning_details: [detail('anthropic-claude-v1')] }, []],
    ['minimax', {}, ['dropped messages[0].reasoning_details']],
    ['vllm', {}, ['dropped messages[0].reasoning_details']],
    ['groq', {}, ['dropped messages[0].reasoning_details']],
  ])('gives %s of thoughts what may be its own', (type, kept, notes) => {
    const { sent, notes: said } = asked(type, { messages: [{ role: 'assistant', content: 'a', reasoning_content: 'r', reasoning_details: [detail('anthropic-claude-v1')] }] })
    expect(sent.messages).toEqual([{ role: 'assistant', content: 'a', ...kept }])
    expect(said).toEqual(notes)
  })

  test.each([
    ['vllm', { reasoning_content: 'r' }, []],
    ['openai', { reasoning_content: 'r' }, []],
    ['azure', {}, ['dropped messages[0].reasoning_content']],
  ])('gives %s plain thoughts back where they are taken', (type, kept, notes) => {
    const { sent, notes: said } = asked(type, { messages: [{ role: 'assistant', content: 'a', reasoning_content: 'r' }] })
    expect(sent.messages).toEqual([{ role: 'assistant', content: 'a', ...kept }])
    expect(said).toEqual(notes)
  })

  test('shows pictures in the results of tools behind all results', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } } as const
    const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: {} } }) as const
    const { sent, notes } = asked('groq', {
      messages: [
        { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 't' }, picture], is_error: true },
        { role: 'tool', tool_call_id: 'b', content: [picture] },
        { role: 'user', content: 'and?' },
      ],
    })
    const { extra_content: _, ...plain } = call('a')
    expect(sent.messages).toEqual([
      { role: 'assistant', content: null, tool_calls: [plain, { ...plain, id: 'b' }] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 't' }] },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: expect.any(String) as string }] },
      { role: 'user', content: [expect.objectContaining({ type: 'text' }), picture, expect.objectContaining({ type: 'text' }), picture] },
      { role: 'user', content: 'and?' },
    ])
    expect(notes).toEqual([
      'dropped messages[0].tool_calls[0].extra_content',
      'dropped messages[0].tool_calls[1].extra_content',
      'dropped messages[1].is_error',
      'emulated messages[1].content',
      'emulated messages[2].content',
    ])
  })
})
