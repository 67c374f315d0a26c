import { expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { sealed } from '../../hub/sealed-reasoning.ts'
import type { GenerateRequest } from '../../provider.ts'
import { anthropicProvider } from './anthropic.ts'

const provider = anthropicProvider({ name: 'anthropic', type: 'anthropic', apiKey: 'sk-test', baseUrl: 'http://x/v1' })
const request: GenerateRequest = { requestId: 'r', endpoint: 'messages', model: 'm', stream: false, includeUsage: false }

function sent(json: string): { body: string; dropped: string[] } {
  const changes = new Changes()
  const { body } = provider.native.messages!(Buffer.from(json), request, changes)
  return { body: Buffer.from(body).toString(), dropped: changes.list.map(({ kind, param }) => `${kind} ${param}`) }
}

const seal = sealed({ details: [{ type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1' }] })

test('thoughts of other providers are left out of a conversation that goes on at Anthropic', () => {
  const own = '{"type":"thinking","thinking":"c","signature":"EqQB"}'
  const call = '{"type":"tool_use","id":"t","name":"f","input":{"id":12345678901234567890}}'
  const foreign = [`{"type":"thinking","thinking":"a","signature":""}`, `{"type":"thinking","thinking":"b","signature":"${seal}"}`, `{"type":"redacted_thinking","data":"${seal}"}`]
  const user = '{"role":"user","content":"hi"}'
  const { body, dropped } = sent(`{"model":"m","big":1.0,"messages":[${user},{"role":"assistant","content":[${[...foreign, own, call].join(',')}]},{"role":"assistant","content":[${foreign[0]}]},${user}]}`)
  expect(body).toBe(`{"model":"m","big":1.0,"messages":[${user},{"role":"assistant","content":[${own},${call}]},${user}]}`)
  expect(dropped).toEqual(['dropped messages[1].content[0]', 'dropped messages[1].content[1]', 'dropped messages[1].content[2]', 'dropped messages[2].content[0]'])
})

test.each([
  ['thoughts of its own', '{"type":"thinking","thinking":"c","signature":"EqQB"},{"type":"redacted_thinking","data":"EmwK"}'],
  ['text that only speaks of them', `{"type":"text","text":"\\"signature\\":\\"\\" and ${seal}"}`],
  ['an empty signature elsewhere', '{"type":"tool_use","id":"t","name":"f","input":{"signature":""}}'],
])('a conversation with %s passes byte for byte', (_, block) => {
  const json = `{"model":"m", "messages":[{"role":"assistant", "content":[${block}]}]}`
  expect(sent(json)).toEqual({ body: json, dropped: [] })
})
