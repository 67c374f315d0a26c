import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { findNatsServer, REPOSITORY } from '@gomodel/testing'
import { PEER, peerVersion } from './peer.ts'

/** The page that keeps the last complete run. */
export function page(tables: string, command: string): string {
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. Only ratios inside one run mean anything: machines differ, and this one drifts.

* machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, shared by load generator, upstream and gateway
* versions: Node ${process.versions.node}, ${said(findNatsServer() ?? 'nats-server', ['--version'])}, Redis ${redisVersion()}, peer ${PEER} ${peerVersion()}, commit ${commit()}, ${new Date().toISOString().slice(0, 10)}
* command: \`${command}\`

${tables}

## How to read it

* **direct** is the load generator asking the upstream itself. **bare** is the least that a gateway can be that is written as Fastify and undici mean it: one in, the other out, nothing parsed, checked or kept
  (\`test/bench/src/bare.ts\`). **bare-cache** is the least that a cache can be: Fastify and a \`Map\` from the text of a request to its answer. They show what is left to gain; ours takes bodies
  whole and has many sockets at its port, they do neither. **peer** is \`${PEER}\` as npm installs it, started with \`--headless\` and told its upstream by header. **standalone** is ours in one process
  (\`npm start\`), its cache in memory. **nats** is ours as ingress, provider-worker and exact-cache, each a process, with a nats-server and a Redis.
* Every system is up all the time, and they take turns within each round. Ours run with everything that is on by default: key check, exact cache, metrics; no tracing.
  Node runs with the options that \`npm start\`, \`npm run cluster\` and the image give it; the peer with none.
* The upstream and the load generator are raw sockets in processes of their own. Every connection always has one request under way. A request is 1 KB, and no two are alike
  but in the lane of cache hits, where 64 are sent over and over. What ours say of the cache is checked in every answer: \`MISS\`, there \`HIT (exact)\`.
* Rates and times are medians of the rounds. *Of* and *over* compare within a round; the median is shown, beside the targets with its bounds. *Over* is of the p50.
  Cache hits are compared with what the peer does with the same requests: it passes them through.
* *CPU µs each* is user and system time of the system's own processes per answer; below each table it is split by process. *Generator* and *upstream* are the instruments:
  the share of one core that they took in their busiest round.
* Every body is checked: *exact* is what the upstream sent, byte for byte; *rewritten* says the same in other bytes; *wrong* is anything else;
  *failed* is another status than 200 or a broken connection. *Miscached* counts right and wrong ones whose \`X-Cache\` was not the one due; a cache that is slower than 50 ms is a miss. A stream has to have all its deltas in order, its finish reason, and \`[DONE]\`.
* Translation is measured through standalone with three *ways* in turn: chat to OpenAI passes through; messages to OpenAI and chat to Anthropic are translated both there and back.
  A translated body is *rewritten*: read as its client does, it has the text, stop reason, usage and last event that are due; one that equals the last right one byte for byte need not be read.
* Where every request of the peer fails it is not measured. Its version 1.15.2 answers every stream with status 500 (\`TypeError: immutable\` in its log, as in issue 1389 of
  Portkey-AI/gateway), so that streams are compared with direct and bare only.
* A *stall* is the longest time between two reads of one stream; *first byte* counts from the request. A stream at 20 ms per delta lasts 1.3 s, so the ideal is 769 streams/s and 49,200 deltas/s;
  what the machine cannot carry arrives later and in larger pieces.
* *Idle* and *foreign* are shares of all cores together: foreign is what processes other than the bench's used. A round with much of it is not worth quoting.
* Memory is resident: *idle* four seconds after the start and before any request but for the list of models, *peak* the most that the process ever had.
  The start is timed five times before anything else runs, from the spawn on; compiled code is cached from an earlier start.
`
}

function redisVersion(): string {
  return /v=([\d.]+)/.exec(said('redis-server', ['--version']))?.[1] ?? 'unknown'
}

function commit(): string {
  const changed = said('git', ['status', '--porcelain', '--', '.', ':!docs/benchmarks.md']) !== ''
  return said('git', ['rev-parse', '--short', 'HEAD']) + (changed ? ' with local changes' : '')
}

function said(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return `${program} unknown`
  }
}
