import { badRequest, errorWith200, type Behaviour, type RecordedRequest } from '@gomodel/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { partition, startAsking, type Asking, type Came, type Dialect } from './cache-asking.ts'
import type { Group, Probe } from './cache-probe.ts'
import { GROUPS } from './cache-probes.ts'

// The same in other words, for the embedder and for every guard: the first is kept, the others have to find it.
const ROSES = ['How do I prune climbing roses?', 'How can I prune climbing roses?', 'How should I prune climbing roses?'] as const
// Far from each other for this embedder, the same for the guards.
const FAR = ['How can I make money online?', 'What are ways to earn money on the internet?'] as const
const PASSWORD = ['How do I reset my password?', 'How can I reset my password?', 'What steps reset my password?'] as const

function written({ body, written: write = json => json }: Probe, said: string, stream: boolean): string {
  return write(JSON.stringify({ ...body(said), ...(stream && { stream }) }))
}

describe('no two requests share an answer unless they differ in nothing but what their user said last', () => {
  let asking: Asking
  /** Whose answer a number is. */
  const owners = new Map<number, string>()

  beforeAll(async () => {
    asking = await startAsking()
    return () => asking.stop()
  })

  /** Asks one probe; whatever comes has to be its own. */
  async function asked({ kind, dialect }: Group, probe: Probe, { said, stream }: { said: string; stream: boolean }): Promise<Came & { fresh: boolean }> {
    const owner = `${kind}: ${probe.name}`
    const before = asking.given
    const came = await asking.ask({ dialect, body: written(probe, said, stream), ...(probe.headers && { headers: probe.headers }) })
    expect(came.status, `${owner}: ${came.text}`).toBe(200)
    expect(came.number, `${owner}: ${came.text}`).toBeDefined()
    const fresh = came.number! > before
    if (fresh) owners.set(came.number!, owner)
    expect(owners.get(came.number!), `${owner} was given the answer to ${owners.get(came.number!)}`).toBe(owner)
    expect(came.verdict?.startsWith('HIT'), `${owner}: ${came.verdict}`).toBe(!fresh)
    return { ...came, fresh }
  }

  /** Asks in other words until one of them is answered from the cache. */
  async function foundByMeaning(group: Group, probe: Probe, { wordings, stream }: { wordings: readonly string[]; stream: boolean }): Promise<Came | undefined> {
    for (const said of wordings) {
      const came = await asked(group, probe, { said, stream })
      if (came.verdict === 'HIT (semantic)') return came
    }
    return undefined
  }

  const passes = GROUPS.flatMap(group => [
    { group, kind: group.kind, form: 'whole', stream: false, wordings: ROSES },
    { group, kind: group.kind, form: 'streamed', stream: true, wordings: PASSWORD },
  ])

  test.each(passes)('$kind, first $form', async ({ group, stream, wordings: [first, ...others] }) => {
    const [base, ...probes] = group.probes
    const keptBefore = await asking.kept()
    const original = await asked(group, base!, { said: first, stream })
    await asking.keptAtLeast(keptBefore + 1)
    const control = await foundByMeaning(group, base!, { wordings: others, stream: !stream })
    expect(control?.number, 'the control: other words find it').toBe(original.number)
    const same = await asked(group, base!, { said: first, stream: !stream })
    expect([same.verdict, same.number], 'the control: the same words find it').toEqual(['HIT (exact)', original.number])

    for (const [at, probe] of probes.entries()) {
      const came = await asked(group, probe, { said: first, stream: at % 2 === 0 })
      expect(came.fresh, `${probe.name}: ${came.verdict}`).toBe(true)
    }
    const byMeaning = group.probes.filter(probe => probe.letter !== true)
    await asking.keptAtLeast(keptBefore + byMeaning.length)

    for (const [at, probe] of probes.entries()) {
      if (probe.letter === true) expect((await asked(group, probe, { said: others[0]!, stream: at % 2 === 1 })).fresh, probe.name).toBe(true)
      else expect(await foundByMeaning(group, probe, { wordings: others, stream: at % 2 === 1 }), `${probe.name}: other words find its own answer`).toBeDefined()
    }
  })

  test('there are as many probes as were promised', () => {
    expect(GROUPS.flatMap(({ probes }) => probes.slice(1)).length).toBeGreaterThan(150)
  })

  test('an earlier response makes a question that no cache answers', async () => {
    const [first, second] = ['Which flowers like the sun?', 'What flowers like the sun?']
    const response = (said: string, more: object = {}) => ({ dialect: 'responses' as const, body: JSON.stringify({ model: 'openai/gpt-test', input: said, ...more }) })
    const before = await asking.kept()
    const one = await asking.ask(response(first))
    await asking.keptAtLeast(before + 1)
    expect((await asking.ask(response(second))).number).toBe(one.number)
    const { id } = JSON.parse(one.text) as { id: string }
    for (const said of [first, second, first]) {
      const came = await asking.ask(response(said, { previous_response_id: id }))
      expect([came.status, came.verdict, came.number], came.text).toEqual([200, 'BYPASS', asking.given])
    }
  })

  test('X-Cache-Type: exact neither finds nor keeps by meaning, and semantic neither by the letter', async () => {
    const [one, other] = [partition(asking), partition(asking)]
    const type = (name: string) => ({ headers: { 'x-cache-type': name } })
    const before = await asking.kept()
    const exact = await one(ROSES[0], type('exact'))
    await other(ROSES[0], type('semantic'))
    await asking.keptAtLeast(before + 1)
    expect(await asking.kept()).toBe(before + 1)
    expect((await one(ROSES[1])).verdict).toBe('MISS')
    expect((await one(ROSES[2], type('exact'))).verdict).toBe('MISS')
    expect(await one(ROSES[0])).toMatchObject({ verdict: 'HIT (exact)', number: exact.number })
    expect((await other(ROSES[1])).verdict).toBe('HIT (semantic)')
    expect((await other(ROSES[0])).verdict).toBe('HIT (semantic)')
    expect((await other(ROSES[0], type('exact'))).verdict).toBe('MISS')
    await asking.keptAtLeast(before + 2)
  })

  test.each(['cache-control', 'x-cache-control'])('%s: no-store neither finds nor keeps, no-cache does not find', async header => {
    const ask = partition(asking)
    const before = await asking.kept()
    expect((await ask(ROSES[0], { headers: { [header]: 'no-store' } })).verdict).toBe('BYPASS')
    expect((await ask(ROSES[1])).verdict).toBe('MISS')
    await asking.keptAtLeast(before + 1)
    expect(await asking.kept()).toBe(before + 1)
    for (const [control, verdict] of [['no-store', 'BYPASS'], ['no-cache', 'MISS']] as const) {
      const came = await ask(ROSES[2], { headers: { [header]: control } })
      expect([came.verdict, came.number]).toEqual([verdict, asking.given])
    }
    await asking.keptAtLeast(before + 2)
  })

  test.each(['0.01', '0', '0.0000', '-1', '.', 'NaN'])('a threshold of the caller’s cannot be lower than the operator’s: %s', async threshold => {
    const ask = partition(asking)
    const before = await asking.kept()
    await ask(FAR[0])
    await asking.keptAtLeast(before + 1)
    expect(await ask(FAR[1], { headers: { 'x-cache-semantic-threshold': threshold } })).toMatchObject({ verdict: 'MISS', number: asking.given })
    await asking.keptAtLeast(before + 2)
  })

  test('a threshold of the caller’s may be higher', async () => {
    const ask = partition(asking)
    const before = await asking.kept()
    await ask(ROSES[0])
    await asking.keptAtLeast(before + 1)
    expect((await ask(ROSES[1], { headers: { 'x-cache-semantic-threshold': '0.99' } })).verdict).toBe('MISS')
    expect((await ask(ROSES[2], { headers: { 'x-cache-semantic-threshold': '0.6' } })).verdict).toBe('HIT (semantic)')
    await asking.keptAtLeast(before + 2)
  })

  describe('an answer that is no good is nobody else’s', () => {
    type Change = (request: RecordedRequest, answer: Behaviour) => Behaviour
    const replacing = (from: string, to: string): Change => (_, answer) => {
      const [body, quoted] = typeof answer.body === 'string' ? [answer.body, false] : [JSON.stringify(answer.body), true]
      if (!body.includes(from)) throw new Error(`${from} is not in ${body}`)
      return { ...answer, body: quoted ? (JSON.parse(body.replaceAll(from, to)) as unknown) : body.replaceAll(from, to) }
    }
    const bad: [string, Dialect, { stream?: boolean; status: number }, Change][] = [
      ['an error', 'chat', { status: 400 }, () => badRequest()],
      ['an error', 'responses', { status: 400 }, () => badRequest()],
      ['an error', 'messages', { status: 400 }, () => badRequest()],
      ['an error under status 200', 'chat', { status: 502 }, () => errorWith200()],
      ['a truncated one', 'chat', { status: 200 }, replacing('"stop"', '"length"')],
      ['a truncated one', 'chat', { status: 200, stream: true }, replacing('"stop"', '"length"')],
      ['a truncated one', 'responses', { status: 200 }, replacing('"completed"', '"incomplete"')],
      ['a truncated one', 'responses', { status: 200, stream: true }, replacing('completed', 'incomplete')],
      ['a truncated one', 'messages', { status: 200 }, replacing('end_turn', 'max_tokens')],
      ['a truncated one', 'messages', { status: 200, stream: true }, replacing('end_turn', 'max_tokens')],
      ['a filtered one', 'chat', { status: 200 }, replacing('"stop"', '"content_filter"')],
      ['a refusal', 'chat', { status: 200 }, replacing('"content":"said', '"content":null,"refusal":"said')],
      ['a refusal', 'chat', { status: 200, stream: true }, replacing('"delta":{"content":"', '"delta":{"refusal":"')],
      ['a refusal', 'responses', { status: 200 }, replacing('"output_text","text"', '"refusal","refusal"')],
      ['a refusal', 'messages', { status: 200 }, replacing('end_turn', 'refusal')],
      ['a paused one', 'messages', { status: 200 }, replacing('end_turn', 'pause_turn')],
      ['one that broke', 'chat', { status: 200, stream: true }, (_, answer) => ({ ...answer, body: `${String(answer.body)}${String(answer.body)}`.replaceAll('data: [DONE]\n\n', ''), fault: { kind: 'cut', after: 0 } })],
    ]

    test.each(bad)('%s, %s, %o', async (_, dialect, { stream, status }, change) => {
      const ask = partition(asking, dialect)
      const before = await asking.kept()
      asking.answering(change)
      onTestFinished(() => asking.answering(undefined))
      const came = await ask(ROSES[0], { members: { ...(stream && { stream }) } })
      expect(came.status, came.text).toBe(status)
      asking.answering(undefined)
      // What is told to the store later is kept later.
      const marker = partition(asking, dialect)
      await marker(PASSWORD[0])
      await asking.keptAtLeast(before + 1)
      expect((await marker(PASSWORD[1])).verdict, 'the control').toBe('HIT (semantic)')
      expect(await asking.kept()).toBe(before + 1)
      for (const [said, type] of [[ROSES[1], 'both'], [ROSES[0], 'exact']] as const) {
        expect(await ask(said, { headers: { 'x-cache-type': type } })).toMatchObject({ status: 200, verdict: 'MISS', number: asking.given })
      }
      await asking.keptAtLeast(before + 2)
    })
  })
})

test('system prompts that do not count as messages and a threshold that lets everything through do not bring two assistants together', async () => {
  const asking = await startAsking({ SEMANTIC_CACHE_EXCLUDE_SYSTEM_PROMPT: 'true', SEMANTIC_CACHE_THRESHOLD: '0.05', SEMANTIC_CACHE_MAX_CONV_MESSAGES: '1' })
  onTestFinished(() => asking.stop())
  const [bank, zoo] = ['You work for a bank.', 'You work for a zoo.']
  const asked: [Dialect, (prompt: string, said: string) => Record<string, unknown>][] = [
    ['chat', (content, said) => ({ messages: [{ role: 'system', content }, { role: 'user', content: said }] })],
    ['chat', (content, said) => ({ messages: [{ role: 'developer', content }, { role: 'user', content: said }] })],
    ['responses', (instructions, said) => ({ input: said, instructions })],
    ['responses', (content, said) => ({ input: [{ role: 'developer', content }, { role: 'user', content: said }] })],
    ['messages', (system, said) => ({ system, messages: [{ role: 'user', content: said }] })],
    ['messages', (text, said) => ({ system: [{ type: 'text', text }], messages: [{ role: 'user', content: said }] })],
  ]
  for (const [dialect, members] of asked) {
    const ask = partition(asking, dialect)
    const before = await asking.kept()
    const kept = await ask(FAR[0], { members: members(bank, FAR[0]) })
    await asking.keptAtLeast(before + 1)
    expect(await ask(FAR[1], { members: members(bank, FAR[1]) }), 'the control').toMatchObject({ verdict: 'HIT (semantic)', number: kept.number })
    for (const said of FAR) expect(await ask(said, { members: members(zoo, said), headers: { 'x-cache-type': 'semantic', 'x-cache-semantic-threshold': '0.01' } })).not.toMatchObject({ number: kept.number })
  }
})
