import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@gomodel/testing'
import { hotSpots } from './hot-spots.ts'
import { type Options, readOptions } from './options.ts'
import { page } from './page.ts'
import { faults, report } from './report.ts'
import { run } from './run.ts'
import { summaries } from './summary.ts'

const args = process.argv.slice(2)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)))

try {
  process.exitCode = await bench(readOptions(args))
} catch (thrown) {
  // What we say ourselves says it all; for a TypeError and its like the stack is wanted.
  console.error(thrown instanceof Error && (thrown.name === 'Error' || 'code' in thrown) ? `bench: ${thrown.message}` : thrown)
  process.exitCode = stopping.signal.aborted ? 130 : 1
}

/** Runs, prints, and writes the page when it is complete; 1 when an answer was not what it should be. */
async function bench(options: Options): Promise<number> {
  const results = await run(options, stopping.signal)
  const lanes = summaries(results)
  const tables = report({ ...results, lanes })
  console.log(tables)
  if (options.profile !== undefined) console.log(`\n${hotSpots(options.profile)}`)
  if (options.complete) {
    mkdirSync(join(REPOSITORY, 'docs'), { recursive: true })
    writeFileSync(join(REPOSITORY, 'docs/benchmarks.md'), page(tables, ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')))
    console.log('\nwritten to docs/benchmarks.md')
  }
  const wrong = faults(lanes)
  if (wrong.length > 0) console.error(`\nnot as it should be:\n${wrong.join('\n')}`)
  return wrong.length > 0 ? 1 : 0
}
