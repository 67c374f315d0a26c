import { expect, test } from 'vitest'
import { GUARDS, veto, vetoes, type Guard } from '../guards/index.ts'
import { pairsOf } from './pairs.ts'
import { score } from './score.ts'

const tune = pairsOf('tune')
const final = pairsOf('final')
const all = [...tune, ...final]

test('there are at least 440 pairs, 180 of them paraphrases, and none twice', () => {
  expect(all.length).toBeGreaterThanOrEqual(440)
  expect(all.filter(({ same }) => same).length).toBeGreaterThanOrEqual(180)
  expect(new Set(all.map(({ a, b, contexts }) => JSON.stringify([a, b, contexts]))).size).toBe(all.length)
})

test.skipIf(final.length === 0)('each half has 40 % to 60 % of the pairs', () => {
  expect(tune.length / all.length).toBeGreaterThan(0.4)
  expect(tune.length / all.length).toBeLessThan(0.6)
})

test.each([
  { half: 'the pairs that they were made on', pairs: tune },
  { half: 'the pairs that nobody looked at', pairs: final },
].filter(({ pairs }) => pairs.length > 0))('the guards catch at least 65 % of the traps and keep at least 85 % of the paraphrases among $half', ({ pairs }) => {
  const { caughtOverall, kept } = score(pairs)
  expect(caughtOverall.right / caughtOverall.total).toBeGreaterThanOrEqual(0.65)
  expect(kept.right / kept.total).toBeGreaterThanOrEqual(0.85)
})

test.each(GUARDS)('a trap is vetoed by %s alone', guard => {
  const alone = tune.filter(({ a, b, same }) => !same && soleVeto(a, b) === guard)
  expect(alone.length).toBeGreaterThan(0)
})

test('the same last message in two conversations passes every guard: only the partition by context keeps them apart', () => {
  const turns = all.filter(({ contexts }) => contexts !== undefined)
  expect(turns.length).toBeGreaterThan(5)
  for (const { a, b, contexts } of turns) {
    expect(veto(a, b)).toBeUndefined()
    expect(contexts![0]).not.toEqual(contexts![1])
  }
})

function soleVeto(a: string, b: string): Guard | undefined {
  const found = vetoes(a, b)
  return found.length === 1 ? found[0] : undefined
}
