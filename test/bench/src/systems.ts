import { SERVICE_RUNTIME } from '@gomodel/testing'
import { startChild } from './child.ts'
import { startOverNats, startStandalone } from './gomodel.ts'
import type { SystemName } from './lanes.ts'
import { startPeer } from './peer.ts'

/** A process whose time and memory are counted. */
export interface Counted {
  readonly name: string
  readonly pid: number
}

/** Something that answers chat requests on a port. */
export interface System {
  readonly name: SystemName
  readonly port: number
  /** What a client has to send it beside the key. */
  readonly headers: Readonly<Record<string, string>>
  /** It has a cache, and every answer says what that knew. */
  readonly caches: boolean
  /** What runs for it, beyond the upstream that all share. */
  readonly processes: readonly Counted[]
  /** What those of its processes that have ended by themselves wrote, or what they were, if any did. */
  readonly ended: () => string | undefined
}

/** What the gateways are started with. */
export interface Surroundings {
  readonly upstreamPort: number
  readonly key: string
  /** Where they run: away from the `.env` of whoever runs the bench, whose providers would be called. */
  readonly folder: string
  readonly profile: string | undefined
  readonly stack: AsyncDisposableStack
}

/** Starts a system; the stack stops it. */
export function startSystem(name: SystemName, surroundings: Surroundings): Promise<System> {
  return STARTS[name](surroundings)
}

const STARTS: Readonly<Record<SystemName, (surroundings: Surroundings) => Promise<System>>> = {
  direct: async ({ upstreamPort }) => ({ name: 'direct', port: upstreamPort, headers: {}, caches: false, processes: [], ended: () => undefined }),
  bare: surroundings => startBare('bare', surroundings),
  'bare-cache': surroundings => startBare('bare-cache', surroundings),
  peer: startPeer,
  standalone: startStandalone,
  nats: startOverNats,
}

async function startBare(name: 'bare' | 'bare-cache', { upstreamPort, stack }: Surroundings): Promise<System> {
  const gateway = stack.adopt(startChild(`${name}.ts`, { env: { ...SERVICE_RUNTIME, BENCH_UPSTREAM_PORT: String(upstreamPort) } }), child => child.stop())
  const port = Number(await gateway.ask())
  return { name, port, headers: {}, caches: false, processes: [{ name, pid: gateway.pid }], ended: () => (gateway.running ? undefined : `${name}.ts`) }
}
