import { describe, expect, test } from 'vitest'
import { exactKey, type ExactQuestion } from './cache-key.ts'
import { Readings } from './readings.ts'

const bodyOf = (content: string) => Buffer.from(JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content }] }))

/** Readings that count how often a body had to be read. */
function counted() {
  const count = { reads: 0 }
  const readings = new Readings(body => {
    count.reads++
    return { model: String(JSON.parse(body.toString()).model), stream: false, includeUsage: false }
  })
  return { readings, count }
}

describe('what was read of request bodies', () => {
  test('is remembered of those that were a hit, and of no others', () => {
    const { readings, count } = counted()
    readings.keep(readings.of(bodyOf('again')))
    for (let time = 0; time < 3; time++) expect(readings.of(bodyOf('again')).said.model).toBe('gpt')
    expect(count.reads).toBe(1)
    for (let time = 0; time < 3; time++) readings.of(bodyOf('new'))
    expect(count.reads).toBe(4)
  })

  test('is not what bytes say that only look the same as text', () => {
    const { readings, count } = counted()
    const one = Buffer.from('{"model":"é"}')
    const other = Buffer.from('{"model":"é"}', 'latin1')
    readings.keep(readings.of(one))
    readings.of(other)
    expect(count.reads).toBe(2)
  })

  test('is bounded: what was not asked for longest is read again, and what is large always', () => {
    const { readings, count } = counted()
    const many = 3000
    for (let at = 0; at < many; at++) readings.keep(readings.of(bodyOf(`${at}`)))
    readings.of(bodyOf(`${many - 1}`))
    expect(count.reads).toBe(many)
    readings.of(bodyOf('0'))
    expect(count.reads).toBe(many + 1)
    const large = bodyOf('x'.repeat(17 * 1024))
    readings.keep(readings.of(large))
    readings.of(large)
    expect(count.reads).toBe(many + 3)
  })

  test('has a key for each place where the body may go, the same as without it', () => {
    const { readings } = counted()
    const reading = readings.of(bodyOf('where to'))
    const question: ExactQuestion = { tenant: 'one', endpoint: 'chat', target: { instance: 'openai', model: 'gpt' }, policy: '', bytes: bodyOf('where to') }
    const elsewhere = [question, { ...question, tenant: 'two' }, { ...question, endpoint: 'messages' }, { ...question, target: { instance: 'east', model: 'gpt' } }, { ...question, policy: 'strict' }]
    const keys = [...elsewhere, ...elsewhere.toReversed()].map(other => exactKey(other, reading))
    expect(keys).toEqual([...elsewhere, ...elsewhere.toReversed()].map(other => exactKey(other)))
    expect(new Set(keys).size).toBe(elsewhere.length)
  })

  test('does not keep the headers of who asked: a reading is no larger than what was counted', () => {
    const { readings } = counted()
    const reading = readings.of(bodyOf('with headers'))
    const question: ExactQuestion = { tenant: 'one', endpoint: 'messages', target: { instance: 'anthropic', model: 'claude' }, policy: 'x'.repeat(14_000), bytes: bodyOf('with headers') }
    expect(exactKey(question, reading)).toBe(exactKey(question))
    expect(JSON.stringify(reading).length).toBeLessThan(1024)
  })
})
