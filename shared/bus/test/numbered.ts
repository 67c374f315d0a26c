import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { exchange, GatewayError, type EndOf, type HeadOf } from '@gomodel/contracts'
import { Type } from 'typebox'
import type { Answer, Bus, Call, Served } from '../src/index.ts'

/** A stream whose every byte is known beforehand, so that the verdict on what arrived is exact. */
export const numbered = exchange({
  name: 'numbered',
  request: Type.Object({
    count: Type.Integer({ minimum: 0 }),
    bytesEach: Type.Integer({ minimum: 8 }),
    everyMs: Type.Integer({ minimum: 0 }),
    failAfter: Type.Optional(Type.Integer({ minimum: 0 })),
    hangAfter: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  head: Type.Object({ pid: Type.Integer() }),
  end: Type.Object({ count: Type.Integer(), bodyBytes: Type.Integer(), bodySum: Type.Integer() }),
})

export const piece = (index: number, bytes: number) => `${String(index).padStart(7, '0')}|`.padEnd(bytes, '.')
export const content = (count: number, bytes: number) => Array.from({ length: count }, (_, index) => piece(index, bytes)).join('')
export const sum = (bytes: Uint8Array) => crc32(bytes)

/** What the worker did, for tests that look at its side. */
export interface Observed {
  written: number
  cancelled: number
  started: number
}

export function serveNumbered(bus: Bus, options: { to?: string; capacity?: number } = {}): { served: Served; observed: Observed } {
  const observed: Observed = { written: 0, cancelled: 0, started: 0 }
  const served = bus.serveExchange(numbered, { to: options.to ?? 'pool', capacity: options.capacity }, call => answer(call, observed))
  return { served, observed }
}

async function answer(call: Call<{ count: number; bytesEach: number; everyMs: number; failAfter?: number; hangAfter?: number }, HeadOf<typeof numbered>>, observed: Observed): Promise<EndOf<typeof numbered>> {
  const { count, bytesEach, everyMs, failAfter, hangAfter } = call.request
  observed.started++
  call.signal.addEventListener('abort', () => observed.cancelled++)
  const body = await call.body()
  call.head({ pid: process.pid })
  for (let index = 0; index < count; index++) {
    if (index === failAfter) throw new GatewayError('provider_failed', 'as told')
    if (index === hangAfter) await new Promise(() => {})
    if (call.signal.aborted) throw GatewayError.from(call.signal.reason)
    observed.written++
    if (!call.write(Buffer.from(piece(index, bytesEach)))) await call.drained()
    if (everyMs > 0) await sleep(everyMs)
  }
  return { count, bodyBytes: body.length, bodySum: sum(body) }
}

/** What became of one exchange: `exact`, or the code of the error that ended it; `wrong` is what must never be. */
export interface Verdict {
  readonly kind: 'exact' | 'wrong' | 'refused' | 'broken'
  readonly code?: string
  readonly received: number
}

export async function verdictOn(started: Promise<Answer<unknown, EndOf<typeof numbered>>>, expected: string, read?: (chunk: Uint8Array) => Promise<void> | void): Promise<Verdict> {
  let received = ''
  let answering: Answer<unknown, EndOf<typeof numbered>>
  try {
    answering = await started
  } catch (thrown) {
    return { kind: 'refused', code: GatewayError.from(thrown).code, received: 0 }
  }
  try {
    for await (const chunk of answering) {
      received += Buffer.from(chunk).toString()
      await read?.(chunk)
    }
  } catch (thrown) {
    const honest = expected.startsWith(received)
    return { kind: honest ? 'broken' : 'wrong', code: GatewayError.from(thrown).code, received: received.length }
  }
  return { kind: received === expected && answering.end !== undefined ? 'exact' : 'wrong', received: received.length }
}
