import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPOSITORY } from '@gomodel/testing'
import { pairsOf } from '../../services/semantic-cache/src/pairs/pairs.ts'
import { score } from '../../services/semantic-cache/src/pairs/score.ts'
import { gatewayTimes } from './gateway-times.ts'
import { played, POLICIES, standIn } from './policies.ts'
import { page, report } from './report.ts'
import { decisionTime, searchTimes } from './speed.ts'
import { streamOf, type StreamOptions } from './stream.ts'

// Hits, wrong hits and times of the semantic cache: `npm run bench:cache [-- --seed 1 --requests 10000]`; a run of the usual size is kept in docs/cache-benchmark.md.

const args = process.argv.slice(2)
const USUAL = { seed: 1, requests: 10_000 }

function options(): StreamOptions {
  const { values } = parseArgs({ args, options: { seed: { type: 'string', default: String(USUAL.seed) }, requests: { type: 'string', default: String(USUAL.requests) } } })
  const [seed, requests] = [Number(values.seed), Number(values.requests)]
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(requests) || requests < 1) throw new Error('--seed and --requests must be whole numbers, and the latter above 0')
  return { seed, requests, verbatim: 0.18, inMeaning: 0.75 }
}

async function main(given: StreamOptions): Promise<void> {
  const halves = { tune: pairsOf('tune'), final: pairsOf('final') }
  const pairs = [...halves.tune, ...halves.final]
  const requests = streamOf(pairs, given)
  const vectorOf = standIn()
  const tables = report({
    options: given,
    requests,
    outcomes: POLICIES.map(policy => ({ policy, outcome: played(requests, policy, vectorOf) })),
    halves: { tune: score(halves.tune), final: score(halves.final) },
    inContext: pairs.filter(({ contexts }) => contexts !== undefined).length,
    decision: decisionTime(pairs),
    search: searchTimes(),
    gateway: await gatewayTimes(given.seed),
  })
  process.stdout.write(`${tables}\n`)
  if (given.requests < USUAL.requests) return
  writeFileSync(join(REPOSITORY, 'docs/cache-benchmark.md'), page(tables, { options: given, command: ['npm run bench:cache', ...(args.length > 0 ? ['--', ...args] : [])].join(' ') }))
  process.stdout.write('\nwritten to docs/cache-benchmark.md\n')
}

await main(options())
