import { Bus, InProcessBroker } from '@gomodel/bus'
import { cacheInvalidated, type CachedAnswer, type CacheSelection } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Invalidations } from './invalidations.ts'

const ENTRY = 'e'.repeat(43)
const HOUR_MS = 3_600_000
const NOON = 1_760_000_000_000

const answerOf = (since: number): CachedAnswer => ({ provider: 'openai', form: 'whole', storedAt: since + 500, origin: { tenant: 'a', models: ['fast', 'openai/gpt', 'gpt'], tags: ['news', 'x'], since } })
const givenAt = (since: number) => ({ entry: ENTRY, answer: answerOf(since) })

const CONCERNED: CacheSelection[] = [{ entry: ENTRY }, { tag: 'news' }, { model: 'fast' }, { model: 'openai/gpt' }, { model: 'gpt' }, { tenant: 'a' }, { everything: true }]
const OTHERS: CacheSelection[] = [{ entry: 'f'.repeat(43) }, { tag: 'fast' }, { model: 'azure/gpt' }, { tenant: 'b' }, { tag: 'a' }]

describe('what was invalidated', () => {
  test.each(CONCERNED)('is outdated when it was asked for before, and fresh when after: %j', which => {
    const invalidations = new Invalidations(() => NOON)
    expect(invalidations.outdated(givenAt(NOON - 1))).toBe(false)
    invalidations.note(which, NOON)
    expect(invalidations.outdated(givenAt(NOON - 1))).toBe(true)
    expect(invalidations.outdated(givenAt(NOON + 1))).toBe(false)
  })

  test.each(OTHERS)('leaves alone what is not meant: %j', which => {
    const invalidations = new Invalidations(() => NOON)
    invalidations.note(which, NOON)
    expect(invalidations.outdated(givenAt(NOON - 1))).toBe(false)
  })

  test('is judged by when it is heard, too, so that a clock that is behind elsewhere lets nothing through', () => {
    const invalidations = new Invalidations(() => NOON)
    invalidations.note({ tag: 'news' }, NOON - 10_000)
    expect(invalidations.outdated(givenAt(NOON - 1))).toBe(true)
  })

  test('is known of answers without an origin by their key, or with all others', () => {
    const { origin: _, ...bare } = answerOf(NOON - 1000)
    const invalidations = new Invalidations(() => NOON)
    invalidations.note({ tenant: 'a' }, NOON)
    expect(invalidations.outdated({ entry: ENTRY, answer: bare })).toBe(false)
    invalidations.note({ everything: true }, NOON)
    expect(invalidations.outdated({ entry: undefined, answer: bare })).toBe(true)
  })

  test('is forgotten when nothing from before can be under way any more', () => {
    let now = NOON
    const invalidations = new Invalidations(() => now)
    invalidations.note({ tag: 'news' }, now)
    invalidations.note({ tag: 'x' }, now)
    now += HOUR_MS / 2
    invalidations.note({ tag: 'x' }, now)
    now += HOUR_MS / 2
    invalidations.note({ tag: 'unrelated' }, now)
    const [news, both] = [givenAt(NOON - 1), givenAt(NOON - 1)]
    expect(invalidations.outdated({ ...news, answer: { ...news.answer, origin: { ...news.answer.origin!, tags: ['news'] } } })).toBe(false)
    expect(invalidations.outdated(both)).toBe(true)
  })

  test('is heard of over the bus', async () => {
    const broker = new InProcessBroker()
    const [one, other] = [new Bus(broker.connect(), 'one'), new Bus(broker.connect(), 'other')]
    onTestFinished(() => one.close())
    onTestFinished(() => other.close())
    const invalidations = new Invalidations()
    const hearing = invalidations.hear(other)
    onTestFinished(() => hearing.stop())
    const before = givenAt(Date.now() - 1)
    one.emit(cacheInvalidated, { which: { model: 'gpt' }, at: Date.now() })
    await until(() => invalidations.outdated(before), { what: 'the event' })
  })
})
