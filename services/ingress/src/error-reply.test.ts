import { GatewayError } from '@gomodel/contracts'
import { expect, test } from 'vitest'
import { errorHeaders } from './error-reply.ts'

test.each([
  [1, '1'],
  [1000, '1'],
  [2001, '3'],
  [1e26, '31536000'],
  [Infinity, '31536000'],
])('what may be tried again in %d ms is said to be so in %s s', (retryAfterMs, seconds) => {
  expect(errorHeaders(new GatewayError('rate_limited', 'slow', { retryAfterMs }))).toEqual({ 'retry-after': seconds })
})
