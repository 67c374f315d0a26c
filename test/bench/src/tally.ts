import type { Verdict } from './expected-body.ts'
import type { Job, Outcome } from './job.ts'
import { cpuSample, type CpuSample } from './proc.ts'

const MAX_EXAMPLES = 3

/** Counts what the connections of one job see. */
export class Tally {
  readonly #pids: readonly number[]
  readonly #verdicts: Record<Verdict, number> = { exact: 0, rewritten: 0, wrong: 0 }
  readonly #examples: string[] = []
  readonly #stalls: number[] = []
  readonly #firstBytes: number[] = []
  #times: number[] = []
  #bytes = 0
  #miscached = 0
  #failed = 0
  #begin: { at: number; cpu: CpuSample } | undefined
  #end: { at: number; cpu: CpuSample } | undefined

  constructor(job: Job) {
    this.#pids = job.pids
  }

  /** From here on answers count. */
  open(): void {
    this.#begin = this.#sample()
  }

  /** From here on they do not, though their bodies are still checked. */
  close(): void {
    this.#end = this.#sample()
  }

  received(bytes: number): void {
    if (this.#begin && !this.#end) this.#bytes += bytes
  }

  answered(answer: { verdict: Verdict; cacheAsDue: boolean; ms: number; firstByteMs: number; stallMs: number; text: () => string }): void {
    this.#verdicts[answer.verdict]++
    if (!answer.cacheAsDue) this.#miscached++
    if (answer.verdict === 'wrong' || !answer.cacheAsDue) this.#example(answer.text())
    this.#stalls.push(answer.stallMs)
    this.#firstBytes.push(answer.firstByteMs)
    if (this.#begin && !this.#end) this.#times.push(answer.ms)
  }

  failed(what: string): void {
    this.#failed++
    this.#example(what)
  }

  outcome(): Outcome {
    if (!this.#begin || !this.#end) throw new Error('nothing was measured')
    const { at: from, cpu: before } = this.#begin
    const { at: to, cpu: after } = this.#end
    const cpuMs = Object.fromEntries(this.#pids.map(pid => [pid, (after.byPid.get(pid) ?? NaN) - (before.byPid.get(pid) ?? NaN)]))
    const ours = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0)
    const total = after.totalMs - before.totalMs
    const busy = after.busyMs - before.busyMs
    const times = Float64Array.from(this.#times).sort()
    const stalls = Float64Array.from(this.#stalls).sort()
    return {
      seconds: (to - from) / 1000,
      answers: times.length,
      bytes: this.#bytes,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      stallMaxMs: stalls.at(-1) ?? NaN,
      stallP99Ms: quantile(stalls, 0.99),
      firstByteP99Ms: quantile(Float64Array.from(this.#firstBytes).sort(), 0.99),
      ...this.#verdicts,
      miscached: this.#miscached,
      failed: this.#failed,
      examples: this.#examples,
      cpuMs,
      foreignShare: Math.max(0, busy - ours) / total,
      idleShare: 1 - busy / total,
    }
  }

  #sample(): { at: number; cpu: CpuSample } {
    return { at: performance.now(), cpu: cpuSample(this.#pids) }
  }

  #example(text: string): void {
    const said = text.slice(0, 400)
    if (this.#examples.length < MAX_EXAMPLES && !this.#examples.includes(said)) this.#examples.push(said)
  }
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}
