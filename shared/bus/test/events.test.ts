import { event } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { Type } from 'typebox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Bus, InProcessBroker, type TransportStatus } from '../src/index.ts'

const KB = 1024
const happened = event({ name: 'happened', event: Type.Object({ what: Type.String() }) })
const gathered = event({ name: 'gathered', gatheredMs: 20, event: Type.Object({ what: Type.String() }) })

/** One who tells and one who listens, on a bus that carries 64 KB a message. */
function pair() {
  const broker = new InProcessBroker(64 * KB)
  const [teller, listener, tap] = [new Bus(broker.connect(), 'teller'), new Bus(broker.connect(), 'listener'), broker.connect()]
  for (const end of [teller, listener, tap]) onTestFinished(() => end.close())
  const dropped: TransportStatus[] = []
  const failed: TransportStatus[] = []
  teller.onStatus(status => void (status.kind === 'dropped' && dropped.push(status)))
  listener.onStatus(status => void (status.kind === 'handler_failed' && failed.push(status)))
  return { teller, listener, tap, dropped, failed }
}

describe.each([happened, gathered])('an event $name', contract => {
  test('that no message can carry is dropped and told of without what it says; those before and behind it arrive', async () => {
    const { teller, listener, dropped } = pair()
    const heard: string[] = []
    listener.on(contract, ({ what }) => heard.push(what))
    for (const what of ['before', 'secret'.repeat(11 * KB), 'behind']) teller.emit(contract, { what })
    await until(() => heard.length === 2, { what: 'the two that fit' })
    expect(heard).toEqual(['before', 'behind'])
    expect(dropped).toMatchObject([{ kind: 'dropped', subject: `gw.v1.evt.${contract.name}`, error: { code: 'payload_too_large' } }])
    expect(JSON.stringify(dropped) + String((dropped[0] as { error: unknown }).error)).not.toContain('secret')
  })

  test('costs the one who tells it nothing when whoever hears of its loss throws', () => {
    const { teller, listener, dropped } = pair()
    listener.on(contract, () => {})
    teller.onStatus(() => {
      throw new Error('a fault in a listener')
    })
    expect(() => teller.emit(contract, { what: 'x'.repeat(65 * KB) })).not.toThrow()
    expect(dropped).toHaveLength(1)
  })
})

test.each([
  { what: 'large', bytes: 10_600, count: 100 },
  { what: 'of more than one byte a character', bytes: 30_000, count: 20 },
  { what: 'of which each fills a message alone', bytes: 65_520, count: 3 },
])('facts that are $what travel in as many messages as they need, in order', async ({ bytes, count, what }) => {
  const { teller, listener, tap, dropped } = pair()
  const heard: string[] = []
  const sizes: number[] = []
  listener.on(gathered, fact => heard.push(fact.what))
  tap.subscribe('gw.v1.evt.gathered', ({ data }) => sizes.push(data.length))
  const told = Array.from({ length: count }, (_, index) => `${index} `.padEnd(what.includes('character') ? bytes / 2 : bytes, what.includes('character') ? 'ä' : 'x'))
  for (const one of told) teller.emit(gathered, { what: one })
  await until(() => heard.length === count, { what: 'all facts' })
  expect(heard).toEqual(told)
  expect(dropped).toEqual([])
  expect(sizes.length).toBeLessThanOrEqual(Math.ceil(count / Math.max(1, Math.floor((64 * KB) / bytes))))
})

test('of facts that came together the good ones are heard when one breaks its contract and the handler throws at another, and that is told', async () => {
  const { listener, tap, failed } = pair()
  const heard: string[] = []
  listener.on(gathered, ({ what }) => {
    if (what === 'bad') throw new Error('a fault in a handler')
    heard.push(what)
  })
  tap.publish('gw.v1.evt.gathered', Buffer.from('[{"what":"first"},{"what":7},{"what":"bad"},null,{"what":"last"}]'))
  for (const text of ['{"what":"alone"}', 'null', 'no JSON', '[]']) tap.publish('gw.v1.evt.gathered', Buffer.from(text))
  tap.publish('gw.v1.evt.gathered', Buffer.from('[{"what":"behind"}]'))
  await until(() => heard.includes('behind'), { what: 'the last message' })
  expect(heard).toEqual(['first', 'last', 'behind'])
  expect(failed.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'handler_failed'))
})
