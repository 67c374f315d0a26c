import type { RedisAddress } from './redis-address.ts'
import type { Log, RedisConnection } from './redis-connection.ts'

/** Connects to a Redis. The client costs 20 MB and 60 ms of the start: it is loaded only where there is a Redis. `meanwhile` tells the operator what holds while it is away. */
export async function openRedis(address: RedisAddress, { log, meanwhile }: { log: Log; meanwhile: string }): Promise<RedisConnection> {
  const { RedisConnection: Connection } = await import('./redis-connection.ts')
  return new Connection(address, log, meanwhile)
}
