import { expect, test } from 'vitest'
import { jsonFault } from './json-fault.ts'

const WHOLE = '{"text":"a\\u00e9\\n\\"b\\"","list":[1,-2.5e-3,0,true,false,null,[],{}],"deep":{"er":[[{"x":""}]]}} '
const STRANGE = ['', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'x', '\n', '\u0000', '\u00a0']

const refusalOf = (text: string): string | undefined => {
  try {
    JSON.parse(text)
    return undefined
  } catch (thrown) {
    return String(thrown)
  }
}

test('a text with a character that is lost or strange is faulted where the engine says, if it does', () => {
  let places = 0
  for (let at = 0; at < WHOLE.length; at++) {
    for (const strange of STRANGE) {
      for (const kept of [at, at + 1]) {
        const text = WHOLE.slice(0, at) + strange + WHOLE.slice(kept)
        const refusal = refusalOf(text)
        if (refusal === undefined) continue
        const { offset } = jsonFault(text)
        const said = /at position (\d+)/.exec(refusal)?.[1]
        if (said !== undefined) {
          // Of a word, a number or an escape that ends too early it says the end, and the walk the beginning.
          expect(text.slice(offset, Number(said)), `${refusal}: ${text}`).toMatch(/^[\w.+\\-]*$/)
          expect(offset).toBeLessThanOrEqual(Number(said))
          places++
        }
        // What comes before may still become JSON.
        expect(jsonFault(text.slice(0, offset)).offset, text).toBe(offset)
      }
    }
  }
  expect(places).toBeGreaterThan(1000)
})

test.each([
  ['{"a" 1}', 'a colon'],
  ['{"a":}', 'a value'],
  ['{a:1}', 'a name in quotes'],
  ['{"a":1 "b":2}', 'a comma or }'],
  ['[1 2]', 'a comma or ]'],
  ['"abc', 'a closing quote'],
  ['"\\x"', 'an escape of JSON'],
  ['1 1', 'the end'],
])('%s is told what is missing', (text, expected) => {
  expect(jsonFault(text).expected).toBe(expected)
})
