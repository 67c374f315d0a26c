import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedStore } from './embedded/embedded-store.ts'
import { EntryDatabase } from './embedded/entry-database.ts'
import { nearestVectors } from './embedded/nearest-vectors.ts'
import { VectorSlab } from './embedded/vector-slab.ts'
import { clusteredVectors, type Clusters } from './fixtures/clustered-vectors.ts'
import type { VectorEntry } from './vector-store.ts'

// Times and recall of the embedded store: `node services/semantic-cache/src/stores/measure.ts [entries]`.

const COUNT = Number(process.argv[2] ?? 10_000)
const QUESTIONS = 500
const K = 8
const FLOOR = 0.8

/** Kinds of vectors: cosines of about 0.3 between subjects as in newer embedders, 0.7 as in those that put everything in a narrow cone, and one crowded subject. */
const SHAPES = {
  apart: { clusters: 500, cone: 0.5, cluster: 0.5, own: 0.7 },
  cone: { clusters: 500, cone: 1.2, cluster: 0.5, own: 0.6 },
  crowded: { clusters: 3, cone: 0.5, cluster: 1, own: 0.5 },
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const percentile = (times: readonly number[], share: number): string => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!.toFixed(2)
const spread = (times: readonly number[]): string => `p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`

for (const dimensions of [384, 1536]) {
  for (const [name, shape] of Object.entries(SHAPES)) measureSearch(name, { ...shape, dimensions, count: COUNT, seed: 7 })
  await measureStore({ ...SHAPES.apart, dimensions, count: COUNT, seed: 7 })
}

/** The search alone, and what it misses. */
function measureSearch(name: string, shape: Clusters): void {
  const { vectors, paraphrase } = clusteredVectors(shape)
  const slab = new VectorSlab(shape.dimensions)
  const candidates = { slots: vectors.map(vector => slab.add(vector)), expiresAt: vectors.map(() => Infinity) }
  const times: number[] = []
  let [wanted, missed, first] = [0, 0, 0]
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const vector = paraphrase(Math.floor((asked / QUESTIONS) * vectors.length), 0.1 + 0.6 * (asked / QUESTIONS))
    const startedAt = performance.now()
    const found = nearestVectors(slab, candidates, { vector, k: K, now: 0 })
    times.push(performance.now() - startedAt)
    const places = new Set(found.map(({ place }) => place))
    const best = candidates.slots.map((slot, place) => ({ place, score: slab.score(vector, slot) })).toSorted((a, b) => b.score - a.score).slice(0, K)
    const serving = best.filter(({ score }) => score >= FLOOR)
    wanted += serving.length
    missed += serving.filter(({ place }) => !places.has(place)).length
    if (serving[0] && !places.has(serving[0].place)) first++
  }
  print(`${shape.dimensions} dimensions, ${shape.count} entries, ${name}: search ${spread(times)}; recall@${K} at >= ${FLOOR}: ${(1 - missed / wanted).toFixed(5)} of ${wanted}, the best one missed ${first} times`)
}

/** The whole store: rows and texts included, in its thread and from outside of it. */
async function measureStore(shape: Clusters): Promise<void> {
  const { vectors, paraphrase } = clusteredVectors(shape)
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-measure-'))
  const file = join(folder, 'semantic-cache.sqlite')
  const storedAt = Date.now()
  const options = { file, limitBytes: 2 ** 40, onDamage: () => undefined }
  const inside = new EntryDatabase(options)
  inside.open(shape.dimensions)
  const puts: number[] = []
  for (const vector of vectors) {
    const entry: VectorEntry = { id: randomUUID(), partition: 'p', vector, text: 'What is the weather like in a place? '.repeat(5), tenant: 't', model: 'm', tags: [], storedAt, expiresAt: storedAt + 1e9, body: Buffer.alloc(2000, 'x'), meta: '{}' }
    puts.push(timed(() => inside.put(entry)))
  }
  const questions = Array.from({ length: QUESTIONS }, (_, asked) => ({ partition: 'p', vector: paraphrase(asked, 0.3), k: K, now: storedAt }))
  const searches = questions.map(question => timed(() => inside.nearest(question)))
  inside.close()
  const store = new EmbeddedStore({ folder, limitBytes: 2 ** 40 }, { info: () => undefined, warn: () => undefined })
  const openedAt = performance.now()
  await store.open(shape.dimensions)
  const opening = performance.now() - openedAt
  const calls: number[] = []
  for (const question of questions) {
    const startedAt = performance.now()
    await store.nearest(question)
    calls.push(performance.now() - startedAt)
  }
  const { bytes } = await store.size()
  await store.close()
  rmSync(folder, { recursive: true })
  print(`${shape.dimensions} dimensions, whole store: put ${spread(puts)}; nearest in its thread ${spread(searches)}, from outside ${spread(calls)}; open ${opening.toFixed(0)} ms, ${(bytes / 2 ** 20).toFixed(0)} MB`)
}

function timed(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
