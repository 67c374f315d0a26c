import type { Dialect, Model } from './traffic.ts'

/** Who is asked: the upstream itself, the least that a Node gateway and a Node cache can be, another gateway, ours in one process, ours over NATS. */
export const SYSTEMS = ['direct', 'bare', 'bare-cache', 'peer', 'standalone', 'nats'] as const

export type SystemName = (typeof SYSTEMS)[number]

/** A way through a gateway: how its client speaks, and a model of the provider at its other end. */
export interface Way {
  readonly dialect: Dialect
  readonly model: Model
}

/** The first passes bytes through; in the others what goes in comes out in another dialect, and so does its answer. */
export const WAYS = {
  'chat to OpenAI': { dialect: 'chat', model: 'bench-0ms' },
  'messages to OpenAI': { dialect: 'messages', model: 'bench-0ms' },
  'chat to Anthropic': { dialect: 'chat', model: 'bench-messages' },
} as const satisfies Record<string, Way>

export type WayName = keyof typeof WAYS

/** Whom a lane compares: systems, or the ways through one of them. */
export type ContenderName = SystemName | WayName

/** One kind of load. */
export interface Lane {
  readonly title: string
  readonly systems: readonly SystemName[]
  /** Taken in turn through its only system, each with a model of its own. */
  readonly ways?: readonly WayName[]
  readonly model: Model
  readonly stream: boolean
  readonly connections: number
  /** The connections begin one after the other, as clients do, and not in step. */
  readonly spread: boolean
  /** The same few requests over and over, which a cache knows; else every request is a new one. */
  readonly repeat: boolean
}

const PASSING = SYSTEMS.filter(name => name !== 'bare-cache')
const WHOLE = { systems: PASSING, model: 'bench-0ms', stream: false, spread: false, repeat: false } as const
const STREAM = { ...WHOLE, stream: true } as const
const TRANSLATED = { systems: ['standalone'], ways: ['chat to OpenAI', 'messages to OpenAI', 'chat to Anthropic'] } as const

export const LANES = {
  json64: { ...WHOLE, title: 'Whole answers of 1 KB, 64 connections', connections: 64 },
  json4: { ...WHOLE, title: 'Whole answers of 1 KB, 4 connections', connections: 4 },
  hit: { ...WHOLE, title: 'Exact cache hits: 64 requests in turn, 64 connections', connections: 64, repeat: true, systems: ['bare-cache', 'peer', 'standalone', 'nats'] },
  stream: { ...STREAM, title: 'Streams of 64 deltas without pause, 32 connections', connections: 32 },
  open: { ...STREAM, title: '1,000 open streams of 64 deltas, 20 ms apart', connections: 1000, model: 'bench-20ms', spread: true },
  translated: { ...WHOLE, ...TRANSLATED, title: 'Translation through standalone: whole answers of 1 KB, 64 connections', connections: 64 },
  translatedStream: { ...STREAM, ...TRANSLATED, title: 'Translation through standalone: streams of 64 deltas without pause, 32 connections', connections: 32 },
} as const satisfies Record<string, Lane>

export type LaneName = keyof typeof LANES
