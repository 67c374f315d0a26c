import type { Bus } from '@gomodel/bus'
import { exactLookup, exactPresent, GatewayError, type Present } from '@gomodel/contracts'
import { Presence } from '@gomodel/service'

const NOBODYS_KEY = '-'.repeat(43)

/** An exact cache among others: one that keeps its answers in memory has to be the only one. */
export const presenceOf = (store: Present['store'], { bus, refuse }: { bus: Bus; refuse: (why: string) => void }): Presence =>
  new Presence(store, { bus, contract: exactPresent, refuse, reasons: { alone: ALONE, beside: BESIDE }, someoneServes: () => someoneServes(bus) })

/** The bus says at once that nobody does. */
async function someoneServes(bus: Bus): Promise<boolean> {
  try {
    await bus.ask(exactLookup, { key: NOBODYS_KEY })
    return true
  } catch (thrown) {
    return GatewayError.from(thrown).code !== 'unavailable'
  }
}

const ALONE = 'another exact-cache is on the bus, and one that keeps its answers in memory has to be the only one: set REDIS_URL for each of them to run several, or stop the other'
const BESIDE = 'an exact-cache that keeps its answers in memory is on the bus, and it has to be the only one: set REDIS_URL for it too, or stop it'
