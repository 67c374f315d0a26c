import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, canonicalMembers, objectOf } from './canonical-json.ts'

/** What the canonical text of a value is, written down as plainly as can be. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${plainly(member)}`).join(',')}}`
}

/** The same value, spelled in another way each time. */
function spelled(value: unknown, pick: fc.GeneratorValue): string {
  const space = () => pick(fc.constantFrom, '', '', ' ', '\n\t', '\r\n')
  const text = (string: string) => JSON.stringify(string).replaceAll(/\/|[^ -~]/g, char => {
    const escaped = char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
    return pick(fc.boolean) ? escaped : char
  })
  const inner = (one: unknown): string => {
    if (typeof one === 'string') return text(one)
    if (Array.isArray(one)) return `[${one.map(element => `${space()}${inner(element)}${space()}`).join(',')}${space()}]`
    if (typeof one !== 'object' || one === null) return JSON.stringify(one)
    const members = Object.entries(one).map(([name, member]) => ({ order: pick(fc.integer), member: `${space()}${text(name)}${space()}:${space()}${inner(member)}${space()}` }))
    return `{${members.toSorted((a, b) => a.order - b.order).map(({ member }) => member).join(',')}${space()}}`
  }
  return `${space()}${inner(value)}${space()}`
}

const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.jsonValue()).map(value => JSON.parse(JSON.stringify(value)) as unknown)

describe('the canonical text', () => {
  test('is the plain one for any value however it is spelled, and parses to that value', () => {
    fc.assert(fc.property(anyJson, fc.gen(), (value, pick) => {
      const canonical = canonicalJson(spelled(value, pick))
      expect(canonical).toBe(plainly(value))
      expect(canonicalJson(canonical!)).toBe(canonical)
    }), { numRuns: 500 })
  })

  test.each([
    ['members are sorted by code units at every depth', '{"b":1,"a":{"z":[{"y":2,"x":3}],"Z":4,"é":5,"10":6,"9":7}}', '{"a":{"10":6,"9":7,"Z":4,"z":[{"x":3,"y":2}],"é":5},"b":1}'],
    ['a name is sorted by what it says, and a shorter one first', '{"\\u0062":1,"a!":2,"a":3}', '{"a":3,"a!":2,"b":1}'],
    ['arrays keep their order', '[3, 1, 2]', '[3,1,2]'],
    ['numbers stay as written', '[1, 1.0, -0, 0, 1e2, 1E+2, 12345678901234567890, 0.1000000000000000055511, 1e999]', '[1,1.0,-0,0,1e2,1E+2,12345678901234567890,0.1000000000000000055511,1e999]'],
    ['repeated members stay, in their order', '{"b":1,"a":2,"b":0}', '{"a":2,"b":1,"b":0}'],
    ['a lone surrogate has one escape', '["\\uD800", "\\ud83d\\uDE00"]', '["\\ud800","\u{1f600}"]'],
    ['other escapes stay', '["\\n\\"\\\\u0041\\/\\u0041\\u001F"]', '["\\n\\"\\\\u0041/A\\u001f"]'],
    ['__proto__ is a name like others', '{"a":1,"__proto__":{"b":2}}', '{"__proto__":{"b":2},"a":1}'],
    ['literals', '[true , false , null]', '[true,false,null]'],
    ['emptiness', ' { "a" : { } , "" : [ ] } ', '{"":[],"a":{}}'],
  ])('%s', (_, json, expected) => {
    expect(canonicalJson(json)).toBe(expected)
  })

  test.each([50, 1000, 100_000])('finds the end of strings of %i characters with quotes and backslashes in any place', length => {
    const ends = ['"', '\\', '\\"', '""', '\\\\', 'x']
    for (const end of ends) {
      for (const before of [length - 2, length - 1, length]) {
        const value = { a: `${end}${'x'.repeat(before)}${end}`, b: end }
        expect(canonicalJson(JSON.stringify(value))).toBe(JSON.stringify(value))
      }
    }
  })

  test.each([['[', ']'], ['{"a":', '}']])('exists to a depth of 1000 of %s and no further, without an overflow of the stack', (open, close) => {
    const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`
    expect(canonicalJson(nested(1000))).toBe(nested(1000))
    expect(canonicalJson(nested(1001))).toBeUndefined()
    expect(canonicalJson(nested(1_000_000))).toBeUndefined()
  })
})

describe('the members of an object', () => {
  test('come in canonical order and make up its text', () => {
    const members = canonicalMembers(' {"b": [1, 2], "a": "x"}')
    expect(members).toEqual([{ name: 'a', text: '"a":"x"' }, { name: 'b', text: '"b":[1,2]' }])
    expect(objectOf(members!)).toBe('{"a":"x","b":[1,2]}')
    expect(objectOf([])).toBe('{}')
  })

  test('are not there when it is no object', () => {
    for (const json of ['[]', '"a"', '1', 'null', '']) expect(canonicalMembers(json)).toBeUndefined()
  })
})
