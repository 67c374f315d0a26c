import { expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { GenerateRequest } from '../../provider.ts'
import { estimateInput } from './input-tokens.ts'

const request: GenerateRequest = { requestId: 'r', endpoint: 'input_tokens', model: 'm', stream: false, includeUsage: false }

test('tokens that nobody counts are estimated, and said to be', () => {
  const counted = (body: object) => {
    const changes = new Changes()
    const { bytes } = estimateInput(Buffer.from(JSON.stringify({ model: 'm', ...body })), request, changes)
    const { object, input_tokens: tokens } = JSON.parse(Buffer.from(bytes).toString()) as { object: string; input_tokens: number }
    expect(object).toBe('response.input_tokens')
    expect(changes.list).toEqual([{ kind: 'emulated', param: 'input_tokens', to: 'estimate' }])
    return tokens
  }
  const little = counted({ input: 'hi' })
  expect(little).toBeGreaterThan(0)
  expect(counted({ input: 'hi '.repeat(400), instructions: 'be brief', reasoning: { summary: 'auto' } })).toBeGreaterThan(little + 100)
})
