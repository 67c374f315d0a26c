import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const GROWING_PERCENT = 60

/**
 * Lets the heap grow by little before it is collected. V8 waits until it has doubled or more, which is worth something to a program that computes; here
 * it held 317 MB where 249 did, under 1,000 streams at the same rate (the lane `open` of the benchmark, standalone alone, in turn).
 */
export const keepHeapSmall = (): void => setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`)

/**
 * Frees what the start left behind: 15 of 115 MB, which V8 would keep for as long as a quiet process allocates little. It takes about 40 ms and
 * belongs to the end of the start: it throws compiled code away too, and done a second later it cost a quarter of the throughput of the next ten.
 */
export function collectOnce(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
