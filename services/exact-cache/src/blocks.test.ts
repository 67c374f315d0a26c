import { assert, array, boolean, integer, property, record, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { Blocks } from './blocks.ts'

test('what was written is read, whatever was written and given back before and after it', () => {
  const step = record({ bytes: uint8Array({ maxLength: 6000 }), frees: boolean(), which: integer({ min: 0, max: 1000 }) })
  assert(property(array(step, { maxLength: 60 }), steps => {
    const blocks = new Blocks()
    const kept: { name: number; bytes: Buffer }[] = []
    for (const { bytes: given, frees, which } of steps) {
      const written = Buffer.from(given)
      kept.push({ name: blocks.write(written), bytes: written })
      if (frees) for (const { name } of kept.splice(which % kept.length, 1)) blocks.free(name)
      for (const { name, bytes } of kept) expect(blocks.read(name, bytes.length).equals(bytes)).toBe(true)
    }
  }))
})

test('memory that was given back is used again', () => {
  const blocks = new Blocks()
  const twoMebibytes = Buffer.alloc(2 * 1024 * 1024, 'x')
  for (let round = 0; round < 50; round++) blocks.free(blocks.write(twoMebibytes))
  expect(blocks.reservedBytes).toBe(twoMebibytes.length)
})
