import { describe, expect, test } from 'vitest'
import { traceOf } from './request-identity.ts'

const IDS = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331'

describe('the trace of a caller', () => {
  test.each([`00-${IDS}-01`, `01-${IDS}-01`, `cc-${IDS}-01-what-comes-later`, `01-${IDS}-01-${'x'.repeat(456)}`])('is the one that it names: %s', traceparent => {
    expect(traceOf({ traceparent, tracestate: 'a=b' })).toEqual({ traceparent, tracestate: 'a=b' })
  })

  test.each([
    ['nothing', ''],
    ['an unknown form', `00-${IDS}`],
    ['the version that is none', `ff-${IDS}-01`],
    ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['no parent', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['more than its version has', `00-${IDS}-01-more`],
    ['more than is passed on', `01-${IDS}-01-${'x'.repeat(457)}`],
    ['letters of no header', `01-${IDS}-01-ü`],
  ])('is not known from %s, so that another begins', (_, traceparent) => {
    expect(traceOf({ traceparent, tracestate: 'a=b' })).toBeUndefined()
  })

  test.each(['x'.repeat(513), 'ü=1', ''])('goes on without a state that could not be passed on: %s', tracestate => {
    const traceparent = `00-${IDS}-01`
    expect(traceOf({ traceparent, tracestate })).toEqual({ traceparent })
  })
})
