import { NO_TOKENS, type EventOf, type attempted } from '@gomodel/contracts'
import { type Behaviour, inTurn, serverError, startUpstream } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { generatorAt } from './fixtures/generator.ts'
import { RecordingCall } from './fixtures/recording-call.ts'
import { generateAnswer } from './generate.ts'

type Attempt = EventOf<typeof attempted>

async function toldOf(...behaviours: Behaviour[]) {
  const upstream = await startUpstream(inTurn(...behaviours))
  onTestFinished(() => upstream.stop())
  const told: Attempt[] = []
  return { told, generator: generatorAt(upstream.url, { attempted: attempt => told.push(attempt) }) }
}

test('every call of a provider is told of, the failed ones too, with what each cost', async () => {
  const { told, generator } = await toldOf(serverError(), { deltas: 3 })
  await generateAnswer(generator, new RecordingCall({ stream: true }))
  expect(told).toMatchObject([
    { requestId: 'request-1', attempt: 1, instance: 'openai', endpoint: 'chat', model: 'gpt-4o-mini', outcome: 'overload' },
    { requestId: 'request-1', attempt: 2, outcome: 'ok', finish: 'stop', usage: { source: 'final' } },
  ])
  expect(told[0]).not.toHaveProperty('usage')
  expect(told[1]!.firstMs).toBeLessThanOrEqual(told[1]!.totalMs)
})

test('what failed calls took is told beside the time of the one that was answered, and not in it', async () => {
  const { told, generator } = await toldOf(serverError(), serverError(), { deltas: 3 })
  const { upstream } = await generateAnswer(generator, new RecordingCall({ stream: true }))
  const [first, second, last] = told.map(({ totalMs }) => totalMs)
  expect(upstream).toEqual({ firstMs: told[2]?.firstMs, totalMs: last, lostMs: first! + second! })
  const calm = await toldOf({ deltas: 3 })
  expect((await generateAnswer(calm.generator, new RecordingCall({ stream: true }))).upstream).not.toHaveProperty('lostMs')
})

test('of a finish reason that is a text of its own no more is told than tells what it is', async () => {
  const { told, generator } = await toldOf({ finishReason: 'x'.repeat(1_100_000) })
  expect(await generateAnswer(generator, new RecordingCall({ stream: true }))).toMatchObject({ finish: 'x'.repeat(200) })
  expect(told.map(({ outcome, finish }) => [outcome, finish?.length])).toEqual([['ok', 200]])
})

test('an answer that its caller left is told of with an estimate', async () => {
  const { told, generator } = await toldOf({ deltas: 100, bytesEach: 40, fault: { kind: 'stall', after: 60 } })
  const call = new RecordingCall({ stream: true })
  const answer = generateAnswer(generator, call).catch((thrown: unknown) => thrown)
  await expect.poll(() => call.content.length, eventually).toBeGreaterThan(2300)
  call.leave()
  await answer
  expect(told).toMatchObject([{ outcome: 'cancelled', usage: { ...NO_TOKENS, source: 'estimated', inputUncached: expect.any(Number), outputText: expect.any(Number) } }])
  // 60 pieces of 40 characters, at four characters a token.
  const { outputText } = told[0]!.usage!
  expect(outputText).toBeGreaterThan(500)
  expect(outputText).toBeLessThan(700)
})
