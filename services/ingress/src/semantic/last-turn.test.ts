import { describe, expect, test } from 'vitest'
import { isShort, lastOfChat, lastOfMessages, lastOfResponses } from './last-turn.ts'

const user = (content: unknown) => ({ role: 'user', content })
const messages = [{ role: 'system', content: 'be short' }, user('How far is the moon?')]
const tool = { type: 'function', function: { name: 'f' } }

describe('what was said last', () => {
  test.each([
    ['a chat', lastOfChat({ messages }), 'messages'],
    ['a chat in parts', lastOfChat({ messages: [user([{ type: 'text', text: 'How far is the moon?' }])] }), 'messages'],
    ['a chat whose tools must not be called', lastOfChat({ messages, tools: [tool], tool_choice: 'none' }), 'messages'],
    ['a chat with a history of tools', lastOfChat({ messages: [{ role: 'assistant', tool_calls: [] }, { role: 'tool', content: '1' }, user('How far is the moon?')] }), 'messages'],
    ['a message to Anthropic', lastOfMessages({ system: 'be short', messages: [user([{ type: 'text', text: 'How far is the moon?', cache_control: { type: 'ephemeral' } }])] }), 'messages'],
    ['a message whose tools must not be called', lastOfMessages({ tools: [{ name: 'f' }], tool_choice: { type: 'none' }, messages: [user('How far is the moon?')] }), 'messages'],
    ['a response’s text', lastOfResponses({ input: 'How far is the moon?' }), 'input'],
    ['a response’s list', lastOfResponses({ input: [user([{ type: 'input_text', text: 'How far is the moon?' }])] }), 'input'],
    ['a response’s item', lastOfResponses({ input: [{ type: 'message', ...user('How far is the moon?') }] }), 'input'],
  ])('is found in %s', (_, turn, member) => {
    expect(turn).toEqual({ member, text: 'How far is the moon?' })
  })

  test.each([
    ['tools that may be called', lastOfChat({ messages, tools: [tool] })],
    ['functions of old', lastOfChat({ messages, functions: [{ name: 'f' }] })],
    ['Anthropic’s tools', lastOfMessages({ messages: [user('hi there')], tools: [{ name: 'f' }] })],
    ['a response’s tools', lastOfResponses({ input: 'hi there', tools: [{ type: 'web_search' }] })],
    ['the result of a tool', lastOfChat({ messages: [user('hi'), { role: 'tool', content: '42', tool_call_id: '1' }] })],
    ['the result of a tool at Anthropic’s', lastOfMessages({ messages: [user([{ type: 'tool_result', tool_use_id: '1', content: '42' }])] })],
    ['the result of a tool in a response', lastOfResponses({ input: [{ type: 'function_call_output', call_id: '1', output: '42' }] })],
    ['a picture', lastOfChat({ messages: [user([{ type: 'text', text: 'What is it?' }, { type: 'image_url', image_url: { url: 'x' } }])] })],
    ['a picture alone', lastOfChat({ messages: [user([{ type: 'image_url', image_url: { url: 'x' } }])] })],
    ['a file', lastOfResponses({ input: [user([{ type: 'input_file', file_id: 'x' }])] })],
    ['two texts', lastOfChat({ messages: [user([{ type: 'text', text: 'one' }, { type: 'text', text: 'two' }])] })],
    ['several answers', lastOfChat({ messages, n: 2 })],
    ['log probabilities', lastOfChat({ messages, logprobs: true })],
    ['spoken answers', lastOfChat({ messages, modalities: ['text', 'audio'] })],
    ['an earlier response', lastOfResponses({ input: 'and Germany?', previous_response_id: 'resp_1' })],
    ['a conversation', lastOfResponses({ input: 'and Germany?', conversation: 'conv_1' })],
    ['work in the background', lastOfResponses({ input: 'hi there', background: true })],
    ['an assistant’s beginning', lastOfChat({ messages: [...messages, { role: 'assistant', content: 'It is' }] })],
    ['nothing', lastOfChat({ messages: [user('  ')] })],
    ['a document', lastOfChat({ messages: [user('long '.repeat(4000))] })],
  ])('is not looked up with %s', (_, turn) => {
    expect(turn).toBeUndefined()
  })
})

test('a conversation is short by its messages, the system’s among them unless they are not to count', () => {
  const request = { messages: [{ role: 'system', content: 's' }, user('a'), { role: 'assistant', content: 'b' }, user('c')] }
  const turn = lastOfChat(request)!
  expect(isShort(request, turn, { maxMessages: 3, withoutSystem: false })).toBe(false)
  expect(isShort(request, turn, { maxMessages: 3, withoutSystem: true })).toBe(true)
  const other = { system: 's', messages: [user('a'), { role: 'assistant', content: 'b' }, user('c')] }
  expect(isShort(other, turn, { maxMessages: 3, withoutSystem: false })).toBe(false)
  expect(isShort(other, turn, { maxMessages: 4, withoutSystem: false })).toBe(true)
})
