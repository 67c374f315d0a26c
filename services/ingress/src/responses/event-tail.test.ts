import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventTail } from './event-tail.ts'

test('the last event is known as soon as it is complete, wherever the stream is cut', () => {
  const events = fc.array(fc.string({ minLength: 1 }).map(text => text.replaceAll('\n', ' ')), { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(events, fc.array(fc.nat()), (said, cuts) => {
    const bytes = Buffer.from(said.map(event => `${event}\n\n`).join(''))
    const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
    const tail = new EventTail()
    let last: string | undefined
    for (const [index, end] of places.slice(1).entries()) {
      last = tail.add(bytes.subarray(places[index], end))?.toString() ?? last
      const complete = bytes.subarray(0, end).toString('latin1').split('\n\n').slice(0, -1)
      expect(last === undefined ? undefined : Buffer.from(last).toString('latin1')).toBe(complete.at(-1))
    }
    expect(last).toBe(said.at(-1))
  }))
})

test('what it holds of an event is its own', () => {
  const tail = new EventTail()
  const shared = Buffer.from('abc')
  expect(tail.add(shared)).toBeUndefined()
  shared.fill('x')
  expect(tail.add(Buffer.from('d\n\n'))?.toString()).toBe('abcd')
})
