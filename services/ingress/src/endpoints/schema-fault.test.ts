import { EmbeddingsRequest } from '@gomodel/contracts'
import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { SchemaFaults } from './schema-fault.ts'

/** Objects with a role, which tell how often they were looked at. */
function looked(roles: readonly unknown[]) {
  const times = roles.map(() => 0)
  const elements = roles.map((role, index) => ({
    get role() {
      times[index]!++
      return role
    },
  }))
  return { times, elements }
}

test('nothing behind the first wrong element is looked at', () => {
  const faults = new SchemaFaults(Type.Object({ list: Type.Array(Type.Object({ role: Type.String() })), other: Type.Array(Type.Object({ role: Type.String() })) }))
  const list = looked(['a', 'b', 1, 'c', 2])
  const other = looked([3])
  expect(faults.firstIn({ list: list.elements, other: other.elements })).toEqual({ param: 'list[2].role', problem: 'must be string' })
  // Once to see that the list is wrong, once to find where.
  expect(list.times.slice(0, 2)).toEqual([2, 2])
  expect(list.times.slice(3)).toEqual([0, 0])
  expect(other.times).toEqual([0])
})

test.each([
  [['a', 1], 'input', 'must be string'],
  [[1, 'a'], 'input', 'must be string'],
  [[], 'input', 'must be string'],
  [[[1], [-1]], 'input', 'must be string'],
])('of what may be of several kinds the first kind is named: %j', (input, param, problem) => {
  expect(new SchemaFaults(EmbeddingsRequest).firstIn({ model: 'm', input })).toEqual({ param, problem })
})

test('what is missing comes before what is wrong', () => {
  const faults = new SchemaFaults(Type.Object({ a: Type.Array(Type.String(), { minItems: 1 }), b: Type.Object({ c: Type.Number() }) }))
  expect(faults.firstIn({ a: [1] })).toEqual({ param: 'b', problem: 'is required' })
  expect(faults.firstIn({ a: ['x'], b: {} })).toEqual({ param: 'b.c', problem: 'is required' })
  expect(faults.firstIn({ a: [], b: { c: 1 } })).toEqual({ param: 'a', problem: 'must not have fewer than 1 items' })
  expect(faults.firstIn([])).toEqual({ param: undefined, problem: 'must be object' })
})
