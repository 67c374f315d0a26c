import { expect, test } from 'vitest'
import { KEY, serverUnderTest } from '../fixtures/server-under-test.ts'

const anthropic = { authorization: `Bearer ${KEY}`, 'anthropic-version': '2023-06-01' }

test.each([
  [1_700_000_000, '2023-11-14T22:13:20.000Z'],
  [0, '1970-01-01T00:00:00.000Z'],
  [9_000_000_000_000, '1970-01-01T00:00:00.000Z'],
  [-9_000_000_000_000, '1970-01-01T00:00:00.000Z'],
])('a client of Anthropic is told when a model was made, or of 1970: %d', async (created, date) => {
  const app = serverUnderTest(['m'], { created })
  const list = await app.inject({ url: '/v1/models', headers: anthropic })
  expect([list.statusCode, list.json()]).toEqual([200, { data: [{ type: 'model', id: 'openai/m', display_name: 'openai/m', created_at: date }], has_more: false, first_id: 'openai/m', last_id: 'openai/m' }])
  expect((await app.inject({ url: '/v1/models/openai/m', headers: anthropic })).json()).toMatchObject({ created_at: date })
})
