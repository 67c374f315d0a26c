import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS, GatewayError, type ErrorCode } from './errors.ts'

describe('errors', () => {
  test('cross the bus and come back as what they were, less their cause', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new GatewayError(code, 'words', { param: 'messages', reason: 'why', provider: 'openai', retryAfterMs: 3, cause: new Error('secret') })
      const wire = JSON.parse(JSON.stringify(error.toWire())) as ReturnType<GatewayError['toWire']>
      expect(wire).not.toHaveProperty('cause')
      expect(GatewayError.fromWire(wire)).toMatchObject({ code, message: 'words', details: { param: 'messages', reason: 'why', provider: 'openai', retryAfterMs: 3 } })
    }
  })

  test('that nobody foresaw become internal, their text kept back', () => {
    const error = GatewayError.from(new Error('password is 123'))
    expect(error).toMatchObject({ code: 'internal', status: 500, message: 'internal error' })
    expect(JSON.stringify(error.toWire())).not.toContain('123')
    expect(GatewayError.fromWire({ code: 'from_the_future', message: 'unknown words' })).toMatchObject({ code: 'internal', message: 'internal error' })
  })

  test('are listed in ARCHITECTURE.md with their status and retry, and no other is', () => {
    const page = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (\w+) \|/gm)].map(([, code, status, retry]) => [code, Number(status), retry])
    expect(rows).toEqual(Object.entries(ERRORS).map(([code, { status, retry }]) => [code, status, retry]))
  })
})
