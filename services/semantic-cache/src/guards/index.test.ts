import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { GUARDS, guardsFor, veto, vetoes } from './index.ts'

test('a demonym is its country for every guard', () => expect(vetoes('What is the capital of France?', 'Which city is the French capital?')).toEqual([]))

test('one reading of the asked text serves all candidates', () => {
  const judge = guardsFor('How do I open a savings account?')
  expect(judge('How do I close a savings account?')).toBe('antonyms')
  expect(judge('How can I open a savings account?')).toBeUndefined()
  expect(judge('How do I open 2 savings accounts?')).toBe('numbers')
})

test('no guard vetoes a text against itself, however it is spaced, quoted or cased at its start', () => {
  for (const text of ["What's the fee for 3 kg?", 'Run `a | b` on https://example.com now', 'Is it “safe” – or not?']) {
    expect(vetoes(text, `  ${text}\n`)).toEqual([])
    expect(vetoes(text, text.replaceAll('“', '"').replaceAll('”', '"').replaceAll('–', '-'))).toEqual([])
  }
})

test('any text passes against itself and no pair of texts breaks a guard', () => {
  assert(property(string({ unit: 'grapheme', maxLength: 200 }), string({ maxLength: 200 }), (one, other) => {
    expect(vetoes(one, one)).toEqual([])
    expect(veto(one, other) === undefined || GUARDS.includes(veto(one, other)!)).toBe(true)
    expect(vetoes(one, other)).toEqual(vetoes(other, one))
  }))
})

test('a very long text is read in a bounded piece', () => expect(veto('x '.repeat(500_000), 'y')).toBeUndefined())
