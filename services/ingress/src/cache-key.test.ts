import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactKey, type ExactQuestion } from './cache-key.ts'

const asked = { tenant: 'master', endpoint: 'chat', target: { instance: 'openai', model: 'gpt-4o' }, policy: '' }
const keyOf = (json: string, other: Partial<ExactQuestion> = {}) => exactKey({ ...asked, ...other, bytes: Buffer.from(json) })
const request = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], temperature: 0.5, tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }
const base = keyOf(JSON.stringify(request))
const withField = (fields: object) => keyOf(JSON.stringify({ ...request, ...fields }))

/** All are there, and no two are the same. */
function expectDistinct(keys: readonly (string | undefined)[]) {
  expect(keys).not.toContain(undefined)
  expect(new Set(keys).size).toBe(keys.length)
}

describe('the key of a request', () => {
  test('is the SHA-256 of who asks whom, and of the canonical request', () => {
    const text = '["exact-2","master","chat","openai","gpt-4o",""]{"messages":[],"n":1}'
    expect(keyOf('{"model":"gpt-4o", "n":1, "messages":[]}')).toBe(createHash('sha256').update(text).digest('base64url'))
  })

  test('does not depend on the order of members, space or escapes', () => {
    expect(keyOf('{"tools":[{"function":{"parameters":{"type":"object"},"name":"f"},"type":"function"}],\n "temperature": 0.5, "messages":[{"content":"\\u0068i","role":"user"}],"model":"gpt-4o"}')).toBe(base)
  })

  test.each([
    { model: 'openai/gpt-4o' }, { stream: true }, { stream: false }, { stream: null },
    { stream: true, stream_options: { include_usage: true } }, { stream_options: {} },
  ])('does not depend on what does not shape the answer: %j', fields => {
    expect(withField(fields)).toBe(base)
  })

  test('depends on everything else, known or unknown', () => {
    const fields = [{ user: 'u' }, { prompt_cache_key: 'k' }, { prompt_cache_key: 'l' }, { prompt_cache_retention: '24h' }, { seed: 1 }, { seed: null }, { n: 1 }, { store: true }, { metadata: {} }, { Model: 'gpt-4o' }, { unheard_of: 1 }, { stream_options: null }, { stream_options: { include_obfuscation: false } },
      { stream_options: { include_obfuscation: true, include_usage: true } }, { messages: [] }, { nested: { stream: true } }, { nested: { stream: false } }, { nested: { model: 'm' } }]
    expectDistinct([base, ...fields.map(withField)])
    expect(withField({ stream_options: { include_obfuscation: true } })).toBe(withField({ stream_options: { include_usage: false, include_obfuscation: true } }))
  })

  test('depends on tenant, endpoint, target and policy, wherever one ends and the next begins', () => {
    const json = JSON.stringify(request)
    const others: Partial<ExactQuestion>[] = [{ tenant: 'master2' }, { tenant: 'masterc', endpoint: 'hat' }, { tenant: 'maste', endpoint: 'rchat' }, { endpoint: '' }, { policy: 'p' }, { tenant: 'master","chat' },
      { target: { instance: 'openai', model: 'gpt-4' } }, { target: { instance: 'openaig', model: 'pt-4o' } }, { target: { instance: 'gpt-4o', model: 'openai' } }, { policy: '"],{' }]
    expectDistinct([base, ...others.map(other => keyOf(json, other))])
  })

  test.each([
    ['numbers that a reader may tell apart', ['1', '1.0', '"1"', '1e0', '0', '-0', '0.0', '"0"', 'null', '1e999', '-1e999', '1e-999']],
    ['integers that JavaScript cannot hold', ['9007199254740992', '9007199254740993', '12345678901234567890', '12345678901234567891']],
    ['digits that a double cannot hold', ['0.1', '0.10000000000000000001', '0.10000000000000000002']],
    ['unicode normal forms', ['"\u00e9"', '"e\u0301"', '"\\u212b"', '"\\u00c5"']],
    ['lone surrogates', ['"\\ud800"', '"\\ud801"', '"\\udc00"', '"\\ufffd"', '"\\\\ud800"', '"?"']],
    ['the order of an array', ['[1,2]', '[2,1]', '[[1],2]', '[1,[2]]', '[12]', '["1,2"]']],
    ['repeated members', ['{"a":1}', '{"a":1,"a":1}', '{"a":2,"a":1}', '{"a":1,"a":2}', '{"a":1,"\\u0061":3}', '{}']],
    ['a member __proto__', ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}', '{"a":1}', '{"__proto__":null}', '{}']],
    ['what a text says and what the structure says', ['"a"', '["a"]', '{"a":"a"}', '"\\"a\\""', '"{\\"a\\":1}"', '{"a":1}', '"true"', 'true']],
  ])('tells apart %s', (_, values) => {
    expectDistinct([base, ...values.map(value => keyOf(`{"model":"gpt-4o","messages":[],"x":${value}}`))])
    expectDistinct(values.map(value => keyOf(`{"model":"gpt-4o","messages":[{"deep":[${value}]}]}`)))
  })

  test('keeps a repeated member that would otherwise not count, as readers may take the first or the last', () => {
    const json = ['{"a":1}', '{"a":1,"stream":true,"stream":false}', '{"a":1,"stream":false,"stream":true}', '{"a":1,"model":"x","model":"y"}', '{"a":1,"model":"y","mode\\u006c":"x"}',
      '{"a":1,"stream_options":{"include_usage":true,"include_usage":false}}']
    expectDistinct(json.map(text => keyOf(text)))
    expect(keyOf('{"stream":true,"a":1}')).toBe(keyOf(json[0]!))
  })

  test('does not exist for a body that is not UTF-8 or nested without measure', () => {
    const body = Buffer.from('{"messages":[{"role":"user","content":"caf?"}]}')
    body[body.indexOf('?')] = 0xe9
    expect(exactKey({ ...asked, bytes: body })).toBeUndefined()
    expect(keyOf(`{"messages":[],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toBeUndefined()
  })

  test('changes with any one value or name of any request, and with nothing else', () => {
    const name = fc.string({ unit: 'binary' }).filter(text => !['model', 'stream', 'stream_options'].includes(text))
    const fields = fc.dictionary(name, fc.jsonValue({ stringUnit: 'binary' }), { minKeys: 1, maxKeys: 8 })
    fc.assert(fc.property(fields, fc.nat(), fc.constantFrom('wrap', 'drop', 'rename'), (body, place, kind) => {
      const { text, count } = changed(body)
      const key = keyOf(text)
      expect(key).toMatch(/^[\w-]{43}$/)
      expect(keyOf(`{"stream":true,${text.slice(1)}`)).toBe(key)
      expect(keyOf(changed(body, { at: 1 + (place % (count - 1)), kind }).text)).not.toBe(key)
    }), { numRuns: 300 })
  })
})

/** The text of a value; the value at a place in it, counted in the order of writing, wrapped into an array, left out or renamed. */
function changed(value: unknown, change?: { at: number; kind: 'wrap' | 'drop' | 'rename' }): { text: string; count: number } {
  let count = 0
  const write = (one: unknown, name?: string): string[] => {
    const kind = count++ === change?.at ? change.kind : undefined
    const inner = writeInner(one)
    const label = name === undefined ? '' : `${JSON.stringify(kind === 'rename' ? `${name}~` : name)}:`
    if (kind === 'drop') return []
    return [`${label}${kind === 'wrap' || (kind === 'rename' && name === undefined) ? `[${inner}]` : inner}`]
  }
  const writeInner = (one: unknown): string => {
    if (Array.isArray(one)) return `[${one.flatMap(element => write(element)).join(',')}]`
    if (typeof one !== 'object' || one === null) return JSON.stringify(one)
    return `{${Object.entries(one).flatMap(([name, member]) => write(member, name)).join(',')}}`
  }
  return { text: write(value).join(''), count }
}
