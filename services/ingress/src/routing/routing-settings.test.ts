import { Bus, InProcessBroker, ListeningClock } from '@gomodel/bus'
import { routingSet, type RoutingSettings } from '@gomodel/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { Catalog } from '../catalog.ts'
import { Router, type Routing } from './router.ts'
import { LiveRouting } from './routing-settings.ts'

const file: Routing = {
  aliases: new Map([
    ['fast', { targets: [{ model: 'a', weight: 1 }], fallback: [] }],
    ['slow', { targets: [{ model: 'b', weight: 1 }], fallback: [] }],
  ]),
  fallback: { mode: 'off', rules: new Map(), overrides: new Map() },
}
const standsFor = (model: string) => ({ targets: [{ model, weight: 1 }], fallback: [] })

const broker = new InProcessBroker()
function bus(): Bus {
  const one = new Bus(broker.connect(), 'test')
  onTestFinished(() => one.close())
  return one
}

function ingress() {
  const router = new Router(new Catalog(new ListeningClock(1000)), file)
  const live = new LiveRouting(bus(), router, file)
  onTestFinished(live.start())
  return { live, aliasesOf: () => [...router.aliases].map(([name, { targets }]) => `${name}=${targets[0]!.model}`).toSorted().join() }
}

const set = (settings: RoutingSettings) => bus().emit(routingSet, settings)
const eventually = { timeout: 5000, interval: 5 }

test('aliases that are set on the bus hold at every ingress, beside and before those of the file, until the file or a newer revision says otherwise', async () => {
  const one = ingress()
  const other = ingress()
  set({ revision: 2, aliases: { fast: standsFor('c'), slow: null, new: standsFor('d') } })
  for (const { aliasesOf } of [one, other]) await expect.poll(aliasesOf, eventually).toBe('fast=c,new=d')

  set({ revision: 1, aliases: { fast: standsFor('old') } })
  set({ revision: 3, aliases: { fast: standsFor('e') } })
  for (const { aliasesOf } of [one, other]) await expect.poll(aliasesOf, eventually).toBe('fast=e,slow=b')

  one.live.configure({ ...file, aliases: new Map([['more', standsFor('f')]]) })
  expect(one.aliasesOf()).toBe('fast=e,more=f')
})

test('an ingress that comes later hears from the others what holds', async () => {
  const early = ingress()
  set({ revision: 7, aliases: { late: standsFor('x') } })
  await expect.poll(early.aliasesOf, eventually).toBe('fast=a,late=x,slow=b')
  const late = ingress()
  await expect.poll(late.aliasesOf, eventually).toBe('fast=a,late=x,slow=b')
})
