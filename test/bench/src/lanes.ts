import type { Model } from './traffic.ts'

/** One kind of load. */
export interface Lane {
  readonly title: string
  readonly model: Model
  readonly stream: boolean
  readonly connections: number
  /** The connections begin one after the other, as clients do, and not in step. */
  readonly spread: boolean
}

export const LANES = {
  json64: { title: 'Whole answers of 1 KB, 64 connections', model: 'bench-0ms', stream: false, connections: 64, spread: false },
  json4: { title: 'Whole answers of 1 KB, 4 connections', model: 'bench-0ms', stream: false, connections: 4, spread: false },
  stream: { title: 'Streams of 64 deltas without pause, 32 connections', model: 'bench-0ms', stream: true, connections: 32, spread: false },
  open: { title: '1,000 open streams of 64 deltas, 20 ms apart', model: 'bench-20ms', stream: true, connections: 1000, spread: true },
} as const satisfies Record<string, Lane>

export type LaneName = keyof typeof LANES
