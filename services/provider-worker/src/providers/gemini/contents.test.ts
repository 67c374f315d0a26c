import { describe, expect, test } from 'vitest'
import type { HubMessage, Part, ToolCall } from '../../hub/hub.ts'
import { refusalOf, sent } from './fixtures/asking.ts'

const OLD = { model: 'gemini-2.5-flash' }
const user = (content: HubMessage['content']): HubMessage => ({ role: 'user', content })
const call = (id: string, name: string, args = '{}', more: object = {}): ToolCall => ({ id, type: 'function', function: { name, arguments: args }, ...more })
const contentsOf = (messages: readonly HubMessage[], more = {}) => sent({ messages }, more).body.contents as { role: string; parts: Record<string, unknown>[] }[]
const changesOf = (messages: readonly HubMessage[]) => sent({ messages }).changes

describe('messages', () => {
  test('of the system and the developer are one instruction, and turns alternate', () => {
    const { body, changes } = sent({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
        user('One'),
        user([{ type: 'text', text: 'Two' }, { type: 'text', text: '' }]),
        { role: 'assistant', content: 'Three', refusal: null, annotations: [], audio: null },
        { role: 'assistant', content: '' },
        user('Four'),
      ],
    })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] })
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: 'One' }, { text: 'Two' }] },
      { role: 'model', parts: [{ text: 'Three' }] },
      { role: 'user', parts: [{ text: 'Four' }] },
    ])
    expect(changes).toEqual([])
  })

  test('of the system in the middle are moved to the front, and that is said', () => {
    expect(changesOf([user('a'), { role: 'system', content: 'b' }])).toEqual([{ kind: 'emulated', param: 'messages[1]', to: 'systemInstruction' }])
  })

  test.each([
    [[{ role: 'system', content: 'a' }], 'invalid_request', 'messages'],
    [[{ role: 'function', content: 'a' }], 'unsupported', 'messages[0].role'],
    [[{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] }, user('a')], 'unsupported', 'messages[0].content'],
  ] as [HubMessage[], string, string][])('that cannot be said are refused: %o', (messages, code, param) => {
    expect(refusalOf({ messages })).toMatchObject({ code, param })
  })

  test('lose names and unknown fields, and that is said', () => {
    expect(changesOf([{ role: 'user', content: 'a', name: 'Ann', mood: 'good' }]).map(({ param }) => param)).toEqual(['messages[0].name', 'messages[0].mood'])
  })

  test('of the assistant keep a refusal as what was said', () => {
    expect(contentsOf([user('a'), { role: 'assistant', content: null, refusal: 'No.' }])[1]).toEqual({ role: 'model', parts: [{ text: 'No.' }] })
  })
})

describe('media', () => {
  const partsOf = (part: Part) => contentsOf([user([part])])[0]?.parts
  const PDF = 'data:application/pdf;base64,JVBERi0='

  test.each([
    [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR' } }, { inlineData: { mimeType: 'image/png', data: 'iVBOR' } }],
    [{ type: 'image_url', image_url: { url: 'gs://bucket/cat.png' } }, { fileData: { fileUri: 'gs://bucket/cat.png' } }],
    [{ type: 'image_url', image_url: { url: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } }, { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } }],
    [{ type: 'input_audio', input_audio: { data: 'UklGR', format: 'wav' } }, { inlineData: { mimeType: 'audio/wav', data: 'UklGR' } }],
    [{ type: 'file', file: { file_data: PDF } }, { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } }],
    [{ type: 'file', file: { file_id: 'files/abc' } }, { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } }],
  ] as [Part, object][])('%o', (part, expected) => {
    expect(partsOf(part)).toEqual([expected])
  })

  test.each([
    [{ type: 'image_url', image_url: { url: 'https://example.com/cat.png' } }, 'unsupported', 'image_url.url'],
    [{ type: 'image_url', image_url: { url: 'https://generativelanguage.googleapis.com.evil.example/files/a' } }, 'unsupported', 'image_url.url'],
    [{ type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg' } }, 'invalid_request', 'image_url.url'],
    [{ type: 'file', file: { file_id: 'file-abc' } }, 'unsupported', 'file.file_id'],
    [{ type: 'file', file: { filename: 'a.pdf' } }, 'invalid_request', 'file'],
  ] as [Part, string, string][])('that Gemini cannot be given is refused: %o', (part, code, field) => {
    expect(refusalOf({ messages: [user([{ type: 'text', text: 'See' }, part])] })).toMatchObject({ code, param: `messages[0].content[1].${field}` })
  })

  test('loses its detail, its name and its mark for the cache, and that is said', () => {
    const parts: Part[] = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'high' } },
      { type: 'file', file: { file_data: PDF, filename: 'a.pdf' } },
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
    ]
    expect(changesOf([user(parts)]).map(({ param }) => param)).toEqual(['messages[0].content[0].image_url.detail', 'messages[0].content[1].file.filename', 'messages[0].content[2].cache_control'])
  })

  test('that the model made itself goes back to it', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }]
    expect(contentsOf([user('Draw'), { role: 'assistant', content: 'Here', images }])[1]?.parts).toEqual([{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: 'AA==' } }])
  })
})

describe('calls of tools', () => {
  const asked = (tool_calls: ToolCall[], more: object = {}): HubMessage[] => [user('Weather?'), { role: 'assistant', content: null, tool_calls, ...more }]
  const result = (id: string, content: HubMessage['content'], more: object = {}): HubMessage => ({ role: 'tool', tool_call_id: id, content, ...more })

  test('and their results are told by name, in the turns of those who speak', () => {
    const messages = [...asked([call('a', 'weather', '{"city":"Bonn"}'), call('b', 'time', '')]), result('b', '12:00'), result('a', '{"celsius":7}'), user('And?')]
    expect(contentsOf(messages, OLD).slice(1)).toEqual([
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'weather', args: { city: 'Bonn' } } }, { functionCall: { id: 'b', name: 'time', args: {} } }] },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'b', name: 'time', response: { output: '12:00' } } },
          { functionResponse: { id: 'a', name: 'weather', response: { celsius: 7 } } },
          { text: 'And?' },
        ],
      },
    ])
  })

  test.each([
    ['[1]', {}, { output: '[1]' }],
    ['{"id":1234567890123456789}', {}, { output: '{"id":1234567890123456789}' }],
    ['no such city', { is_error: true }, { error: 'no such city' }],
    ['{"code":5}', { is_error: true }, { error: { code: 5 } }],
    [[{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }], {}, { output: 'a\nb' }],
  ] as [HubMessage['content'], object, object][])('that gave %o with %o', (content, more, response) => {
    expect(contentsOf([...asked([call('a', 'f')]), result('a', content, more)])[2]?.parts).toEqual([{ functionResponse: { id: 'a', name: 'f', response } }])
  })

  test('may give pictures to models that look at them, and to no others', () => {
    const messages = [...asked([call('a', 'f')]), result('a', [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }])]
    expect(contentsOf(messages)[2]?.parts).toEqual([{ functionResponse: { id: 'a', name: 'f', response: { output: '' }, parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] } }])
    expect(refusalOf({ messages }, OLD)).toMatchObject({ code: 'unsupported', param: 'messages[2].content' })
  })

  test.each(['[1]', '"x"', '{"a":', 'null'])('with arguments that read %s are refused', args => {
    expect(refusalOf({ messages: asked([call('a', 'f'), call('b', 'f', args)]) })).toMatchObject({ code: 'invalid_request', param: 'messages[1].tool_calls[1].function.arguments' })
  })

  test('that nobody made have no results', () => {
    expect(refusalOf({ messages: [...asked([call('a', 'f')]), result('z', '1')] })).toMatchObject({ code: 'invalid_request', param: 'messages[2].tool_call_id' })
  })

  test('keep their signature; one from elsewhere gets the word for none, the first of a group only, and only where it is wanted', () => {
    const signed = call('a', 'f', '{}', { extra_content: { google: { thought_signature: 'sig' } } })
    const signatures = (calls: ToolCall[], more = {}) => contentsOf(asked(calls), more)[1]?.parts.map(part => part.thoughtSignature)
    expect(signatures([signed, call('b', 'f')])).toEqual(['sig', undefined])
    expect(signatures([call('a', 'f'), call('b', 'f')])).toEqual(['skip_thought_signature_validator', undefined])
    expect(signatures([call('a', 'f')], OLD)).toEqual([undefined])
    expect(changesOf(asked([call('a', 'f', '{}', { extra_content: { other: 1 } })]))).toEqual([{ kind: 'dropped', param: 'messages[1].tool_calls[0].extra_content' }])
  })

  test('find their signature among the details of the reasoning too', () => {
    const reasoning_details = [{ type: 'reasoning.encrypted' as const, data: 'sig', id: 'b', format: 'google-gemini-v1' }]
    expect(contentsOf(asked([call('a', 'f'), call('b', 'f')], { reasoning_details }), OLD)[1]?.parts.map(part => part.thoughtSignature)).toEqual([undefined, 'sig'])
  })
})

describe('reasoning', () => {
  const spoken = (reasoning_details: HubMessage['reasoning_details']): HubMessage[] => [user('Why?'), { role: 'assistant', content: 'So.', reasoning_content: 'Hm', reasoning_details }]

  test('of Gemini goes back with its signatures, behind the text or on the thought', () => {
    const { body, changes } = sent({
      messages: spoken([
        { type: 'reasoning.text', text: 'Hm', signature: 'one', format: 'google-gemini-v1', index: 0 },
        { type: 'reasoning.encrypted', data: 'two', format: 'google-gemini-v1', index: 1 },
      ]),
    })
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: 'Why?' }] },
      { role: 'model', parts: [{ text: 'Hm', thought: true, thoughtSignature: 'one' }, { text: 'So.' }, { text: '', thoughtSignature: 'two' }] },
    ])
    expect(changes).toEqual([])
  })

  test.each(['anthropic-claude-v1', null, undefined])('of the format %s stays here, and that is said', format => {
    const { body, changes } = sent({ messages: spoken([{ type: 'reasoning.text', text: 'Hm', signature: 'one', ...(format !== undefined && { format }) }]) })
    expect(JSON.stringify(body)).not.toMatch(/Hm|one/)
    expect(changes).toEqual([{ kind: 'dropped', param: 'messages[1].reasoning_details' }])
  })
})
