import type { Model } from './traffic.ts'

/** Who is asked: the upstream itself, the least that a Node gateway can be, another gateway, ours in one process, ours over NATS. */
export const SYSTEMS = ['direct', 'bare', 'peer', 'standalone', 'nats'] as const

export type SystemName = (typeof SYSTEMS)[number]

/** One kind of load. */
export interface Lane {
  readonly title: string
  readonly systems: readonly SystemName[]
  readonly model: Model
  readonly stream: boolean
  readonly connections: number
  /** The connections begin one after the other, as clients do, and not in step. */
  readonly spread: boolean
  /** The same few requests over and over, which a cache knows; else every request is a new one. */
  readonly repeat: boolean
}

const WHOLE = { systems: SYSTEMS, model: 'bench-0ms', stream: false, spread: false, repeat: false } as const
const STREAM = { ...WHOLE, stream: true } as const

export const LANES = {
  json64: { ...WHOLE, title: 'Whole answers of 1 KB, 64 connections', connections: 64 },
  json4: { ...WHOLE, title: 'Whole answers of 1 KB, 4 connections', connections: 4 },
  hit: { ...WHOLE, title: 'Exact cache hits: 64 requests in turn, 64 connections', connections: 64, repeat: true, systems: ['peer', 'standalone', 'nats'] },
  stream: { ...STREAM, title: 'Streams of 64 deltas without pause, 32 connections', connections: 32 },
  open: { ...STREAM, title: '1,000 open streams of 64 deltas, 20 ms apart', connections: 1000, model: 'bench-20ms', spread: true },
} as const satisfies Record<string, Lane>

export type LaneName = keyof typeof LANES
