import { expect, test } from 'vitest'
import { KeyScrubber } from './key-scrubber.ts'

const KEY = 'sk-sk-secret-1'

function scrubbed(text: string, cuts: readonly number[], key: string | undefined = KEY): string {
  const bytes = Buffer.from(text)
  const scrubber = new KeyScrubber(key)
  const ends = [...cuts, bytes.length]
  const pieces = ends.map((end, at) => scrubber.push(bytes.subarray(at === 0 ? 0 : ends[at - 1], end)))
  return Buffer.concat([...pieces, scrubber.end()]).toString()
}

test('a key is starred out wherever the bytes are cut, and nothing else is touched', () => {
  const text = `sk-sk-sk-secret-1 and ${KEY}${KEY}, sk-sk-secre`
  const expected = `sk-************** and ${'*'.repeat(2 * KEY.length)}, sk-sk-secre`
  for (let cut = 0; cut <= text.length; cut++) {
    for (let second = cut; second <= text.length; second += 3) expect(scrubbed(text, [cut, second])).toBe(expected)
  }
})

test('without a key, or with one too short to be told apart, bytes pass as they are', () => {
  for (const key of [undefined, 'test']) expect(scrubbed('a test of test', [3], key)).toBe('a test of test')
})

test('bytes that are no beginning of the key are not held back', () => {
  const scrubber = new KeyScrubber(KEY)
  expect(scrubber.push(Buffer.from('data: {}\n\n')).toString()).toBe('data: {}\n\n')
  expect(scrubber.push(Buffer.from('ends in s')).toString()).toBe('ends in ')
  expect(scrubber.push(Buffer.from('o')).toString()).toBe('so')
})
