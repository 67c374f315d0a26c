import { readFileSync } from 'node:fs'

/** Where the machine's and our processes' time went, in milliseconds since some fixed past. Not a number where there is no /proc. */
export interface CpuSample {
  readonly byPid: ReadonlyMap<number, number>
  readonly busyMs: number
  readonly totalMs: number
}

const TICK_MS = 10

export function cpuSample(pids: readonly number[]): CpuSample {
  const [, user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = (read('/proc/stat').split('\n')[0] ?? '').split(/ +/).map(Number)
  return {
    byPid: new Map(pids.map(pid => [pid, processCpuMs(pid)])),
    // Interrupts are left out: those of our own packets are among them and belong to no process.
    busyMs: (user + nice + system + steal) * TICK_MS,
    totalMs: (user + nice + system + idle + wait + irq + softirq + steal) * TICK_MS,
  }
}

/** Resident memory of a process in megabytes: now, and the most it ever had. */
export function memoryMb(pid: number): { now: number; peak: number } {
  const status = read(`/proc/${pid}/status`)
  const of = (field: string): number => Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(status)?.[1]) / 1024
  return { now: of('VmRSS'), peak: of('VmHWM') }
}

function processCpuMs(pid: number): number {
  // The name in the second field may hold anything, so the fields are counted from its closing parenthesis.
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
