import { describe, expect, test } from 'vitest'
import { instanceOf } from './schema-instance.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

describe('the instance of a schema', () => {
  test.each([
    [{ type: 'string' }, 'simulated value'],
    [{ type: 'string', maxLength: 3 }, 'sim'],
    [{ type: 'string', minLength: 18 }, 'simulated value...'],
    [{ type: 'string', format: 'date' }, '2025-01-01'],
    [{ type: 'boolean' }, true],
    [{ type: 'null' }, null],
    [{ type: ['null', 'boolean'] }, true],
    [{ const: 7 }, 7],
    [{ enum: ['b', 'a'] }, 'b'],
    [{}, 'simulated value'],
    [true, null],
  ])('%j is %j', (schema, value) => {
    expect(instanceOf(schema)).toEqual(value)
  })

  test.each([
    [{ type: 'integer' }, 1],
    [{ type: 'integer', minimum: 3 }, 3],
    [{ type: 'integer', maximum: -3 }, -3],
    [{ type: 'integer', exclusiveMinimum: 3 }, 4],
    [{ type: 'integer', exclusiveMaximum: 1 }, 0],
    [{ type: 'integer', exclusiveMaximum: -8, multipleOf: 5 }, -10],
    [{ type: 'integer', minimum: 6, multipleOf: 5 }, 10],
    [{ type: 'integer', minimum: 2.5 }, 3],
    [{ type: 'number', exclusiveMinimum: 2, exclusiveMaximum: 3 }, 2.5],
    [{ type: 'number', minimum: 0.25, maximum: 0.75 }, 0.25],
  ])('a number within limits: %j is %j', (schema, value) => {
    expect(instanceOf(schema)).toBe(value)
  })

  test('an object has what is required, or all where nothing is', () => {
    const properties = { a: { type: 'string' }, b: object({ c: { type: 'integer' } }, { required: ['c'] }), d: { type: 'null' } }
    expect(instanceOf(object(properties, { required: ['a', 'b'] }))).toEqual({ a: 'simulated a', b: { c: 1 } })
    expect(instanceOf(object(properties))).toEqual({ a: 'simulated a', b: { c: 1 }, d: null })
    expect(instanceOf({ properties })).toEqual({ a: 'simulated a', b: { c: 1 }, d: null })
  })

  test('an array has as many items as it must, and one if it may', () => {
    const items = { type: 'string' }
    expect(instanceOf(object({ tags: { type: 'array', items } }))).toEqual({ tags: ['simulated tags'] })
    expect(instanceOf(object({ tags: { type: 'array', items, minItems: 2 } }))).toEqual({ tags: ['simulated tags 1', 'simulated tags 2'] })
    expect(instanceOf({ type: 'array', items, maxItems: 0 })).toEqual([])
    expect(instanceOf({ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'boolean' }] })).toEqual([1, true])
  })

  test('references, variants and parts are followed', () => {
    const $defs = { city: object({ name: { type: 'string' } }, { required: ['name'] }), 'a/b': { const: 1 } }
    const schema = object({
      city: { $ref: '#/$defs/city' },
      odd: { $ref: '#/$defs/a~1b' },
      either: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      both: { allOf: [{ $ref: '#/$defs/city' }, object({ size: { type: 'integer' } }, { required: ['size'] })] },
    }, { $defs })
    expect(instanceOf(schema)).toEqual({ city: { name: 'simulated name' }, odd: 1, either: 1, both: { name: 'simulated name', size: 1 } })
  })

  test('a schema that refers to itself ends where it may', () => {
    const node = object({ value: { type: 'integer' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, { required: ['value', 'next'] })
    expect(JSON.stringify(instanceOf(node))).toMatch(/^(\{"value":1,"next":){2,6}null\}+$/)
  })

  test.each([
    ['has no finite instance', object({ left: { $ref: '#' }, right: { $ref: '#' } }, { required: ['left', 'right'] })],
    ['refers to nothing but itself', { $ref: '#' }],
    ['is made of itself', { allOf: [{ $ref: '#' }, { required: ['a'] }] }],
    ['wants a million items', { type: 'array', minItems: 1e6, items: { type: 'array', minItems: 1e6 } }],
    ['wants a long text', { type: 'string', minLength: 1e9 }],
    ['refers to what is not there', { $ref: '#/$defs/none' }],
    ['is nonsense', { type: 'object', properties: 3, required: 'x', anyOf: [] }],
  ])('a schema that %s is given up in good time', (_, schema) => {
    expect((JSON.stringify(instanceOf(schema)) ?? '').length).toBeLessThan(1_000_000)
  })
})
