import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '@gomodel/testing'
import { metric } from '../cache-asking.ts'
import { chat } from '../gateway.ts'
import { median, oneConnection } from './one-connection.ts'
import { randomFrom, type Random } from './random.ts'

const ROUNDS = 500
const WARM_UP = 100
/** On a machine that has more to do the semantic cache may answer after its second, and that is a miss of another kind. */
const MOST_LATE = ROUNDS / 50
// What is kept after an answer is not to be measured with the next.
const REST_MS = 15
const WORDS = 12

/** Requests that both caches miss, with the semantic one asked in a race against the provider and without it; milliseconds at p50. */
export interface RaceMiss {
  readonly raced: number
  readonly without: number
  readonly rounds: number
}

const LOOKED = ['miss', 'near'].map(verdict => `gateway_semantic_cache_lookups_total{verdict="${verdict}"}`)

/** Throws when an answer was a hit, or the semantic cache was not asked. `metricsUrl` is that of the semantic cache. */
export async function raceMiss(url: string, { metricsUrl, seed }: { metricsUrl: string; seed: number }): Promise<RaceMiss> {
  const random = randomFrom(seed)
  const connection = oneConnection(url)
  try {
    const [raced, without]: [number[], number[]] = [[], []]
    const miss = async (headers: Readonly<Record<string, string>>): Promise<number> => {
      const { status, verdict, milliseconds } = await connection.send({ path: '/v1/chat/completions', body: chat({ model: 'openai/gpt-test', messages: [{ role: 'user', content: newText(random) }] }), headers })
      if (status !== 200 || verdict !== 'MISS') throw new Error(`no miss, but ${status} ${verdict}`)
      await sleep(REST_MS)
      return milliseconds
    }
    // It has to have found its embedder.
    await until(async () => {
      const lookups = await looked(metricsUrl)
      await miss({})
      return (await looked(metricsUrl)) > lookups
    }, { what: 'a look into the semantic cache', timeoutMs: 30_000 })
    const before = await looked(metricsUrl)
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const racedFirst = round % 2 === 0
      const first = await miss(racedFirst ? {} : { 'x-cache-type': 'exact' })
      const second = await miss(racedFirst ? { 'x-cache-type': 'exact' } : {})
      if (round < 0) continue
      raced.push(racedFirst ? first : second)
      without.push(racedFirst ? second : first)
    }
    const lookups = (await looked(metricsUrl)) - before
    if (lookups < ROUNDS + WARM_UP - MOST_LATE) throw new Error(`the semantic cache found out about ${lookups} of ${ROUNDS + WARM_UP} questions`)
    return { raced: median(raced), without: median(without), rounds: ROUNDS }
  } finally {
    connection.close()
  }
}

const looked = async (url: string): Promise<number> => (await Promise.all(LOOKED.map(name => metric(url, name)))).reduce((sum, count) => sum + count, 0)

/** Words that nobody said before. */
const newText = (random: Random): string => Array.from({ length: WORDS }, () => Math.floor(random() * 36 ** 5).toString(36)).join(' ')
