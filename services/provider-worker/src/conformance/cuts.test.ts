import { GatewayError } from '@gomodel/contracts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wireOf } from './asked/asked.ts'
import { ask, readStream } from './exchange.ts'
import { REASONING } from './features/reasoning.ts'
import { WEATHER } from './features/tools.ts'
import { type Answer, DIALECT_NAMES } from './shapes.ts'
import { SUBJECTS, type Subject } from './subjects.ts'
import { wireFor } from './wires/index.ts'
import { THOUGHT } from './wires/wire.ts'

const RICH: Answer = {
  thought: THOUGHT,
  text: ['Zażółć ', 'gęślą jaźń ☀', '\r\n\n', 'data: [DONE]'],
  calls: [WEATHER, { id: 'call_f5G6h7I8j', name: 'get_time', arguments: ['{"zone":', '"CET 🕛"}'] }],
  ending: 'calls',
}

/** What a client is told, and how it ends. */
function outcome(read: () => { bytes: Uint8Array; end: unknown }, told: () => string): unknown {
  try {
    const { bytes, end } = read()
    return { told: Buffer.from(bytes).toString(), end }
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    return { told: told(), failed: thrown.code, message: thrown.message }
  }
}

function* cutAt(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  let from = 0
  for (const place of places) {
    yield bytes.subarray(from, place)
    from = place
  }
  yield bytes.subarray(from)
}

const fieldsOf = REASONING[0]?.requests ?? {}

function readAs(subject: Subject, dialect: (typeof DIALECT_NAMES)[number]) {
  const model = subject.models.thinking
  const { call } = ask(subject, { dialect, mode: 'stream', model, fields: fieldsOf[dialect] ?? {} })
  const wire = wireFor(subject.type, wireOf(call.path))
  const { begins, ends } = wire.stream(RICH, model)
  const streams = { 'a good answer': [...begins, ...ends], 'an error inside': [...begins, wire.errorEvent], 'an answer that is cut': begins }
  const read = (bytes: Uint8Array, places: readonly number[]) => {
    let text = ''
    return outcome(() => readStream(call, cutAt(bytes, places), piece => (text += Buffer.from(piece).toString())), () => text)
  }
  return Object.entries(streams).map(([name, events]) => ({ name, bytes: Buffer.from(events.join('')), read }))
}

describe.each(SUBJECTS)('a stream of $type', subject => {
  test.each(DIALECT_NAMES)('is the same to a client of %s wherever it was cut', dialect => {
    for (const { name, bytes, read } of readAs(subject, dialect)) {
      const whole = read(bytes, [])
      expect(whole, name).toHaveProperty(name === 'a good answer' ? 'end' : 'failed')
      expect(read(bytes, [...bytes.keys()]), `${name}, byte by byte`).toEqual(whole)
      const places = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 12 }).map(list => list.toSorted((one, other) => one - other))
      const same = (cuts: readonly number[]): void => {
        expect(read(bytes, cuts), name).toEqual(whole)
      }
      fc.assert(fc.property(places, same), { numRuns: 25 })
    }
  })
})
