import { chat } from '../gateway.ts'
import { median, oneConnection } from './one-connection.ts'

const ROUNDS = 5000
const WARM_UP = 1000
/** On a machine that has more to do a cache may answer after its 50 ms, and that is a miss. */
const MOST_LATE = ROUNDS / 50

/** A hit of the exact cache and, on the same connection in turn, a request that the gateway answers from nothing; milliseconds at p50. */
export interface ExactHit {
  readonly hit: number
  readonly health: number
  readonly rounds: number
}

/** Throws when more than a few answers were no hits. */
export async function exactHit(url: string): Promise<ExactHit> {
  const connection = oneConnection(url)
  try {
    const body = chat({ model: 'openai/gpt-test' })
    const asked = { path: '/v1/chat/completions', body }
    const [hits, healths]: [number[], number[]] = [[], []]
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const hit = await connection.send(asked)
      const health = await connection.send({ path: '/health' })
      if (health.status !== 200 || hit.status !== 200) throw new Error(`the gateway answered ${hit.status} and ${health.status}`)
      if (round < 0 || hit.verdict !== 'HIT (exact)') continue
      hits.push(hit.milliseconds)
      healths.push(health.milliseconds)
    }
    if (hits.length < ROUNDS - MOST_LATE) throw new Error(`${ROUNDS - hits.length} of ${ROUNDS} answers were no hits of the exact cache`)
    return { hit: median(hits), health: median(healths), rounds: hits.length }
  } finally {
    connection.close()
  }
}
