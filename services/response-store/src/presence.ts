import type { Bus } from '@gomodel/bus'
import { GatewayError, responseDelete, responseStorePresent, type Present } from '@gomodel/contracts'
import { Presence } from '@gomodel/service'

/** A response store among others: one that keeps its responses on a disk has to be the only one. */
export const presenceOf = (store: Present['store'], { bus, refuse }: { bus: Bus; refuse: (why: string) => void }): Presence =>
  new Presence(store, { bus, contract: responseStorePresent, refuse, reasons: { alone: ALONE, beside: BESIDE }, someoneServes: () => someoneServes(bus) })

/** The bus says at once that nobody does. */
async function someoneServes(bus: Bus): Promise<boolean> {
  try {
    await bus.ask(responseDelete, { id: 'nobodys', tenant: '-' })
    return true
  } catch (thrown) {
    return GatewayError.from(thrown).code !== 'unavailable'
  }
}

const ALONE = 'another response-store is on the bus, and one that keeps its responses on a disk has to be the only one: set REDIS_URL for each of them to run several, or stop the other'
const BESIDE = 'a response-store that keeps its responses on a disk is on the bus, and it has to be the only one: set REDIS_URL for it too, or stop it'
