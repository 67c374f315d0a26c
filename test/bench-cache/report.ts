import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { REPOSITORY } from '@gomodel/testing'
import type { Score, Scores } from '../../services/semantic-cache/src/pairs/score.ts'
import { percent, shown, table } from '../bench/src/table.ts'
import { PROVIDER_MS, type GatewayTimes } from './gateway-times.ts'
import type { Outcome, Policy } from './policies.ts'
import type { Microseconds } from './speed.ts'
import type { Request, StreamOptions } from './stream.ts'

/** US dollars for a million tokens, whichever: one fixed price, so that savings compare. */
const USD_PER_MILLION = 5

/** How many programs wanted to run before the run. */
const LOAD_BEFORE = loadavg()[0]!

export interface Measured {
  readonly options: StreamOptions
  readonly requests: readonly Request[]
  readonly outcomes: readonly { readonly policy: Policy; readonly outcome: Outcome }[]
  readonly halves: Readonly<Record<'tune' | 'final', Scores>>
  /** Pairs that differ in what was said before. */
  readonly inContext: number
  readonly decision: Microseconds
  readonly search: string | undefined
  readonly gateway: GatewayTimes
}

/** The tables of a run. */
export function report(measured: Measured): string {
  return [withStandIn(measured), guardsAlone(measured), speed(measured), inGateway(measured)].join('\n\n')
}

function withStandIn({ requests, outcomes }: Measured): string {
  const share = (of: (request: Request) => boolean): string => precisely(requests.filter(of).length / requests.length)
  const rows = outcomes.map(({ policy, outcome }) => {
    const hits = outcome.exactHits + outcome.semanticHits
    return [
      policy.name,
      precisely(hits / outcome.requests),
      precisely(outcome.semanticHits / outcome.requests),
      hits === 0 ? '-' : precisely(outcome.wrong / hits),
      precisely(outcome.wrong / outcome.requests),
      `${outcome.wrongAtTraps}`,
      precisely(outcome.savedTokens / outcome.allTokens),
      `$${shown((outcome.savedTokens / 1e6) * USD_PER_MILLION, 2)}`,
    ]
  })
  const partitions = new Set(requests.map(({ place }) => JSON.stringify(place))).size
  const tenants = new Set(requests.map(({ place }) => place.tenant)).size
  return `## With the stand-in embedder

${shown(requests.length)} requests of ${tenants} tenants in ${partitions} partitions: ${share(({ repeats }) => repeats === 'words')} repeat words that were asked before in their partition, ${share(({ repeats }) => repeats !== 'nothing')} a meaning (these included);
${share(({ trap }) => trap)} are sides of traps, which follow each other; ${share(({ place }) => place.before.length > 0)} go on from earlier turns.

${table(['policy', 'hits', 'by meaning', 'wrong/hits', 'wrong/requests', 'wrong at traps', 'tokens saved', 'saved'], rows)}`
}

function guardsAlone({ halves: { tune, final }, inContext }: Measured): string {
  const kinds = [...new Set([...tune.caught.keys(), ...final.caught.keys()])].sort()
  const row = (name: string, of: (scores: Scores) => Score | undefined): string[] => [name, ratio(of(tune)), ratio(of(final))]
  const rows = [...kinds.map(kind => row(`trap: ${kind}`, scores => scores.caught.get(kind))), row('all traps caught', scores => scores.caughtOverall), row('paraphrases kept', scores => scores.kept)]
  return `## The guards alone, at perfect similarity

Every labelled pair is taken to have a similarity of 1, so that nothing but a guard keeps its sides apart. The guards were made on the pairs of
\`pairs/data\` and are judged once on those of \`pairs/held-out\`, which nobody looked at while making them.
${inContext} more pairs differ only in what was said before; no guard sees them, their partitions differ.

${table(['', 'pairs/data', 'pairs/held-out'], rows)}`
}

function speed({ decision, search }: Measured): string {
  const measured = search === undefined ? 'The embedded store was not measured.' : `The embedded store (\`services/semantic-cache/src/stores/measure.ts\`):\n\n\`\`\`\n${search}\n\`\`\``
  return `## Speed

A decision about 8 candidates that are all similar enough, the guards' reading of all nine texts included (their words were met before): p50 ${shown(decision.p50, 1)} µs, p99 ${shown(decision.p99, 1)} µs.

${measured}`
}

/** What is to be held. */
const BOUNDS_MS = { exactHit: 1, raceMiss: 1 }

function inGateway({ gateway: { exactHit, raceMiss } }: Measured): string {
  const ms = (value: number): string => `${shown(value, 2)} ms`
  const rows = [
    ['exact hit, against `GET /health`', ms(exactHit.hit), ms(exactHit.health), ms(exactHit.hit - exactHit.health), `< ${ms(BOUNDS_MS.exactHit)}`],
    ['miss in race mode, against `X-Cache-Type: exact`', ms(raceMiss.raced), ms(raceMiss.without), ms(raceMiss.raced - raceMiss.without), `≤ ${ms(BOUNDS_MS.raceMiss)}`],
  ]
  return `## In the gateway

One client on one connection, one request after the other, of a gateway of separate processes on a nats-server and a redis-server; p50 of ${shown(exactHit.rounds)} and ${shown(raceMiss.rounds)} requests of each kind, in turn.

${table(['', 'p50', 'without', 'added', 'bound'], rows)}`
}

const precisely = (share: number): string => `${shown(share * 100, 1)} %`
const ratio = (score: Score | undefined): string => (score && score.total > 0 ? `${score.right}/${score.total} (${percent(score.right / score.total)})` : '-')

/** The page that keeps a run. */
export function page(tables: string, { options, command }: { options: StreamOptions; command: string }): string {
  return `# The semantic cache, measured

Written by \`npm run bench:cache\`; do not edit.

* machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GB; Node ${process.versions.node}; commit ${commit()}; ${new Date().toISOString().slice(0, 10)}; load before the run ${shown(LOAD_BEFORE, 1)}
* command: \`${command}\`; seed ${options.seed}

${tables}

## How to read it

* The stream is made of the labelled pairs in \`services/semantic-cache/src/pairs\`, which we wrote ourselves, and of polite forms of their sides. It runs through the partitions of the ingress,
  \`decide.ts\` and the guards as the service uses them; the 8 nearest entries of the partition are candidates, found by comparing with all of them.
* **The embedder is a stand-in**: the simulator's hashed n-grams (512 dimensions). They tell how many pieces of words two texts share and nothing of what they mean: traps are nearer to each other than
  most paraphrases are. With it hits are too few and wrong ones too many; only the differences between policies on the same vectors say something, and nothing here says how often a real embedder hits.
* *Wrong* is a hit with the answer to a question of another meaning. Meanings are those of the labels: two pairs that happen to mean the same count as different.
  *Wrong at traps* are those where a side of a trap, word for word, was asked. *Tokens saved* are those of right hits, of all that would have been spent: questions at four characters a token and answers of
  50 to 449; *saved* is their price at $${USD_PER_MILLION} a million, whichever way they go.
* The gateway has one tenant. Tenants are therefore told apart by \`metadata\` here, which separates as every member of a request does.
* *In the gateway*: times are the client's, from the first byte of a request to the last of its answer. The exact hit goes through the ingress, NATS, the exact cache and Redis; \`GET /health\` on the same connection costs what the client,
  the socket and the HTTP server of the ingress cost anyway, so that the difference is what the gateway spends on the hit, reading a body that is longer included. There is no semantic cache beside it.
* In race mode the provider is called at once, and the semantic cache is asked meanwhile; what is measured is what that takes from the request's own way. Every question is new to both caches, and every second one keeps
  the semantic cache out by its header; the order changes every round, and answers are given 15 ms to be kept. The provider is scripted and thinks for ${PROVIDER_MS} ms; the embedder is the simulator's, in a worker of its own.
  With two cores for eight processes, what both ways compute at the same time is part of what is added.
* Not claimed: that these shares hold for other traffic, languages or embedders; that the pairs are a fair sample of anything; that a wrong hit does the same harm as another.
`
}

function commit(): string {
  const said = (...args: string[]): string => execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).trim()
  try {
    return said('rev-parse', '--short', 'HEAD') + (said('status', '--porcelain', '--', '.', ':!docs/cache-benchmark.md') === '' ? '' : ' with local changes')
  } catch {
    return 'unknown'
  }
}
