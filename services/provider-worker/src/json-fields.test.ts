import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Change, elementsOf, membersOf, withMembers, withMembersSeen } from './json-fields.ts'

const to = (json: string): Change => () => Buffer.from(json)
const wrap: Change = current => Buffer.from(`[${Buffer.from(current ?? []).toString()}]`)
const changed = (json: string, changes: Record<string, Change>): string =>
  Buffer.from(withMembers(Buffer.from(json), new Map(Object.entries(changes)))).toString()

describe('members of a JSON object', () => {
  test.each([
    ['a value is replaced and all else stays byte for byte', '{ "big": 12345678901234567890,\t"model" : "x" , "f":1.0}', '{ "big": 12345678901234567890,\t"model" : "new" , "f":1.0}'],
    ['every occurrence of a duplicate key is replaced', '{"model":"a","b":1,"model":"c"}', '{"model":"new","b":1,"model":"new"}'],
    ['a key written with escapes is recognised', '{"\\u006dodel":"a"}', '{"\\u006dodel":"new"}'],
    ['a member of a nested object is none of this one', '{"a":{"model":1},"b":[{"model":2}]}', '{"a":{"model":1},"b":[{"model":2}],"model":"new"}'],
    ['a missing member is added at the end', '{"a":"}","b":[]}', '{"a":"}","b":[],"model":"new"}'],
    ['an empty object takes the member', ' { } ', ' { "model":"new"} '],
    ['an escaped quote ends no string', '{"a":"\\\\\\"","model":"\\\\"}', '{"a":"\\\\\\"","model":"new"}'],
    ['a key that only contains the name is another key', '{"model2":1,"xmodel":2,"model":3}', '{"model2":1,"xmodel":2,"model":"new"}'],
    ['a scalar without a space behind it is replaced whole', '{"model":null}', '{"model":"new"}'],
    ['a byte order mark stays', '\ufeff{"model":1}', '\ufeff{"model":"new"}'],
  ])('%s', (_, json, expected) => {
    expect(changed(json, { model: to('"new"') })).toBe(expected)
  })

  test('a change sees the bytes of the present value', () => {
    expect(changed('{"a": {"b":1.0} }', { a: wrap, c: wrap })).toBe('{"a": [{"b":1.0}] ,"c":[]}')
  })

  test.each(['', '[]', '"a"', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '{"a":"x', '{a:1}', '{"a":[1', '{"a" 1}', '{"\\u00zz":1}', '{"a":}'])(
    'what is no JSON object is refused: %s',
    json => {
      expect(() => changed(json, { model: to('1') })).toThrow('not a JSON object')
    },
  )

  const gone: Change = () => undefined
  const renamed: Change = current => current && { name: 'b', value: current }

  test.each([
    ['{"a":1,"x":2}', '{"x":2}'],
    ['{ "x" : 2 , "a" : 1 }', '{ "x" : 2  }'],
    ['{"x":1,"a":[1,{"a":2}],"y":"a"}', '{"x":1,"y":"a"}'],
    ['{"a":1,"a":2,"x":3,"a":4}', '{"x":3}'],
    ['{"x":3,"a":1,"a":2}', '{"x":3}'],
    ['{ "a":1 }', '{ }'],
    ['{}', '{}'],
  ])('that is to go leaves an object without it: %s', (json, expected) => {
    expect(changed(json, { a: gone })).toBe(expected)
  })

  test.each([
    ['{"a" : 1.0,"x":2}', '{"b":1.0,"x":2}'],
    ['{"x":2}', '{"x":2}'],
  ])('keeps its value under another name: %s', (json, expected) => {
    expect(changed(json, { a: renamed })).toBe(expected)
  })

  test('that comes into an object of which nothing stayed stands alone', () => {
    expect(changed('{"a":1,"c":2}', { a: gone, c: gone, d: to('3') })).toBe('{"d":3}')
  })

  test('changes by what is there', () => {
    const json = Buffer.from('{"a":[1, 2],"b":"x","a":3}')
    const swapped = withMembersSeen(json, new Set(['a', 'b', 'c']), present => {
      expect([...present].map(([name, value]) => [name, Buffer.from(value).toString()])).toEqual([
        ['a', '3'],
        ['b', '"x"'],
      ])
      return new Map([['b', () => present.get('a')]])
    })
    expect(Buffer.from(swapped).toString()).toBe('{"a":[1, 2],"b":3,"a":3}')
    expect(membersOf(Buffer.from('{"a":{"b":1}}'), new Set(['b'])).size).toBe(0)
  })

  test('any object without a member parses to itself without it', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd')
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.jsonValue()), { maxLength: 8 }), fc.subarray(['a', 'b', 'c', 'd']), fc.constantFrom('', ' '), (members, drop, space) => {
        const text = `{${members.map(([key, content]) => `${space}"${key}"${space}:${JSON.stringify(content)}${space}`).join(',')}}`
        const result: unknown = JSON.parse(changed(text, Object.fromEntries(drop.map(name => [name, gone]))))
        const expected = Object.entries(JSON.parse(text) as Record<string, unknown>).filter(([name]) => !drop.includes(name))
        expect(result).toStrictEqual(Object.fromEntries(expected))
      }),
    )
  })

  test('any object parses to itself with the members changed', () => {
    const member = fc.tuple(fc.oneof(fc.constant('model'), fc.constant('"mo\\del'), fc.string({ unit: 'binary' })), fc.jsonValue())
    fc.assert(
      fc.property(fc.array(member), fc.jsonValue(), fc.constantFrom('', ' ', '\r\n\t'), (members, value, space) => {
        const text = `{${members.map(([key, content]) => `${space}${JSON.stringify(key)}${space}:${space}${JSON.stringify(content)}${space}`).join(',')}}`
        const result = changed(text, { model: to(JSON.stringify(value)) })
        // Compared as texts: a parser would make a prototype of a member `__proto__`.
        const kept = members.map(([key, content]) => `${space}${JSON.stringify(key)}${space}:${space}${JSON.stringify(key === 'model' ? value : content)}${space}`)
        const added = members.some(([key]) => key === 'model') ? [] : [`"model":${JSON.stringify(value)}`]
        expect(result).toBe(`{${[...kept, ...added].join(',')}}`)
        expect((JSON.parse(result) as { model: unknown }).model).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('long strings with escapes anywhere are passed over', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('x'.repeat(63), '"', '\\', 'é', '\u{1f600}', '}'), { maxLength: 40 }), parts => {
        const long = JSON.stringify(parts.join(''))
        expect(changed(`{"a":${long},"model":1,"b":${long}}`, { model: to('2') })).toBe(`{"a":${long},"model":2,"b":${long}}`)
      }),
    )
  })
})

describe('elements of a JSON array', () => {
  const elements = (json: string, most?: number): string[] => elementsOf(Buffer.from(json), most).map(bytes => Buffer.from(bytes).toString())

  test.each([
    ['[]', []],
    [' [ 1 , "a,]" ,[2, 3],{"b":[]} ] ', ['1', '"a,]"', '[2, 3]', '{"b":[]}']],
    ['"[1]"', []],
    ['{}', []],
  ])('are %s', (json, expected) => {
    expect(elements(json)).toEqual(expected)
  })

  test('are no more than asked for', () => {
    expect(elements('[1,2,3', 2)).toEqual(['1', '2'])
  })
})
