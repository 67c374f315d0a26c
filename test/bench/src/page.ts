import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { findNatsServer, REPOSITORY } from '@gomodel/testing'

/** The page that keeps the last complete run. */
export function page(tables: string, command: string): string {
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. Only ratios inside one run mean anything: machines differ, and this one drifts.

* machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, shared by load generator, upstream and gateway
* versions: Node ${process.versions.node}, ${said(findNatsServer() ?? 'nats-server', ['--version'])}, commit ${commit()}, ${new Date().toISOString().slice(0, 10)}
* command: \`${command}\`

${tables}

## How to read it

* **direct** is the load generator asking the upstream itself; **standalone** is the gateway in one process (\`npm start\`); **nats** is ingress, nats-server and one provider-worker,
  each a process. Every system is up all the time, and they take turns within each round. Authentication and everything else that is on by default is on,
  and Node runs with the options that \`npm start\`, \`npm run cluster\` and the image give it.
* The upstream and the load generator are raw sockets in processes of their own. Every connection always has one request under way. A request is 1 KB.
* Rates and times are medians of the rounds. *Of direct*, *of standalone* and *added* compare within a round; their median is shown.
* *CPU µs each* is user and system time of the system's own processes per answer; below each table it is split by process.
* Every body is checked: *exact* is what the upstream sent, byte for byte; *rewritten* says the same in other bytes; *wrong* is anything else; *failed* is another status than 200 or a broken connection.
  A stream has to have all its deltas in order, its finish reason, and \`[DONE]\`.
* A *stall* is the longest time between two reads of one stream; *first byte* counts from the request. A stream at 20 ms per delta lasts 1.3 s, so the ideal is 769 streams/s and 49,200 deltas/s;
  what the machine cannot carry arrives later and in larger pieces.
* *Idle* and *foreign* are shares of all cores together: foreign is what processes other than the bench's used. A round with much of it is not worth quoting.
* Memory is resident: *idle* two seconds after the start, *peak* the most that the process ever had.
`
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
