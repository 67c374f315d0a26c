import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { saysNothing, schemaOf } from './schema.ts'

function converted(schema: Record<string, unknown>) {
  const changes = new Changes()
  return { schema: schemaOf(schema, 's', changes), changes: changes.list }
}

describe('a schema', () => {
  test('of what Gemini reads passes as it is', () => {
    const schema = {
      type: 'object', title: 't', description: 'd', required: ['a'], propertyOrdering: ['a'], additionalProperties: { type: 'integer' },
      properties: { a: { type: ['string', 'null'], enum: ['x', null], format: 'date', default: 'x' }, b: { type: 'array', minItems: 1, prefixItems: [{ type: 'number', minimum: 1 }], items: { anyOf: [{ type: 'string', pattern: '^a' }, {}] } } },
    }
    expect(converted(schema)).toEqual({ schema, changes: [] })
  })

  test('loses what only names it, and says so of what it loses besides, once a keyword', () => {
    const lost = { type: 'string', minLength: 1, not: { const: 'x' }, contentEncoding: 'base64' }
    expect(converted({ $schema: 'x', $id: 'y', type: 'object', properties: { a: lost, b: lost } })).toEqual({
      schema: { type: 'object', properties: { a: { type: 'string', minLength: 1 }, b: { type: 'string', minLength: 1 } } },
      changes: [{ kind: 'dropped', param: 's.properties.a.not' }, { kind: 'dropped', param: 's.properties.a.contentEncoding' }],
    })
  })

  test('keeps properties that are named like keywords', () => {
    const schema = { type: 'object', properties: { $ref: { type: 'string' }, not: { type: 'string' }, const: { type: 'string' } } }
    expect(converted(schema)).toEqual({ schema, changes: [] })
  })

  test('says a constant as the only value, and one of many as any of them', () => {
    expect(converted({ oneOf: [{ const: 1 }, { type: 'null' }] })).toEqual({ schema: { anyOf: [{ enum: [1] }, { type: 'null' }] }, changes: [{ kind: 'emulated', param: 's.oneOf', to: 'anyOf' }] })
  })

  test('has its references inlined, with what stands beside them', () => {
    const schema = { type: 'object', properties: { home: { $ref: '#/$defs/place', description: 'Where.' }, all: { type: 'array', items: { $ref: '#/$defs/a~1b' } } }, $defs: { place: { type: 'string', description: 'A place.' }, 'a/b': { $ref: '#/$defs/place' } } }
    expect(converted(schema)).toEqual({ schema: { type: 'object', properties: { home: { type: 'string', description: 'Where.' }, all: { type: 'array', items: { type: 'string', description: 'A place.' } } } }, changes: [] })
  })

  test('that contains itself ends there', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/definitions/node' } } }
    expect(converted({ $ref: '#/definitions/node', definitions: { node } })).toEqual({
      schema: { type: 'object', properties: { next: { type: 'object' } } },
      changes: [{ kind: 'dropped', param: 's.properties.next.$ref' }],
    })
  })

  test('of all of several is one of them together', () => {
    const parts = [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'string' } }, required: ['b'] }]
    expect(converted({ allOf: parts, title: 't' })).toEqual({
      schema: { type: 'object', title: 't', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
      changes: [{ kind: 'emulated', param: 's.allOf', to: 'one schema of all' }],
    })
    expect(converted({ allOf: [{ type: 'string' }] })).toEqual({ schema: { type: 'string' }, changes: [] })
  })

  test.each(['#/$defs/none', '#/$defs/constructor', 'https://example.com/schema.json', '#anchor'])('that refers to %s is refused', $ref => {
    expect(() => converted({ items: { $ref }, $defs: {} })).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('whose references grow without end is refused before they do', () => {
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`d${at}`, { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] }]))
    expect(() => converted({ $ref: '#/$defs/d0', $defs: { ...$defs, d40: { type: 'string' } } })).toThrow(GatewayError)
    let deep: Record<string, unknown> = { type: 'string' }
    for (let at = 0; at < 5000; at++) deep = { items: deep }
    expect(() => converted(deep)).toThrow(GatewayError)
  })
})

test.each([
  [{}, true],
  [{ type: 'object' }, true],
  [{ type: 'object', properties: {}, required: [], additionalProperties: false }, true],
  [{ type: 'object', additionalProperties: true }, false],
  [{ type: 'object', properties: { a: {} } }, false],
  [{ type: 'string' }, false],
])('the schema %o says nothing of its object: %s', (schema, expected) => {
  expect(saysNothing(schema)).toBe(expected)
})
