import { GatewayError } from '@gomodel/contracts'
import type { ProviderCall } from '../provider.ts'
import { readStream } from './exchange.ts'
import type { Feature, Mode } from './shapes.ts'
import type { Subject } from './subjects.ts'
import { FAULT_MESSAGE, type Wire } from './wires/wire.ts'

const COME_BACK_MS = 2000
/** What says to a client of any dialect that its answer is complete. */
const OVER = /\[DONE\]|message_stop|response\.(?:completed|incomplete)|"finish_reason":"(?!null)/

/** Everything that is wrong with how a failure of a provider is told. */
export function failureFaults({ subject, feature, mode, model }: { subject: Subject; feature: Feature; mode: Mode; model: string }, { call, wire }: { call: ProviderCall; wire: Wire }): string[] {
  if (feature.fails === 'before') return refusalFaults(subject, wire)
  const { answer } = feature
  const inside = feature.fails === 'inside'
  if (mode === 'whole') {
    const whole = wire.whole(answer, model)
    return failingFaults(() => call.answer(Buffer.from(inside ? wire.errorBody : whole.slice(0, whole.length / 2))))
  }
  const { begins } = wire.stream(answer, model)
  if (inside) return brokenFaults(call, begins.join('') + wire.errorEvent)
  const text = begins.join('')
  return [...brokenFaults(call, text), ...brokenFaults(call, text.slice(0, -text.length / 6))]
}

function refusalFaults({ provider }: Subject, { busy, atFault }: Wire): string[] {
  const later = provider.error({ status: 429, body: Buffer.from(busy), retryAfterMs: COME_BACK_MS })
  const never = provider.error({ status: 400, body: Buffer.from(atFault), retryAfterMs: undefined })
  return [
    ...(later.code === 'rate_limited' ? [] : [`too many requests are told as ${later.code}`]),
    ...(later.details.retryAfterMs === COME_BACK_MS ? [] : ['when to come back is lost']),
    ...(never.code === 'invalid_request' ? [] : [`a request at fault is told as ${never.code}`]),
    ...(never.message.includes(FAULT_MESSAGE) ? [] : [`what was wrong is told as "${never.message}"`]),
  ]
}

/** It has to fail as a fault of the provider's. */
function failingFaults(read: () => unknown): string[] {
  try {
    read()
    return ['it is taken for a good answer']
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) return [`it throws what nobody foresaw: ${String(thrown)}`]
    return thrown.status >= 500 && thrown.code !== 'internal' ? [] : [`it is told as ${thrown.code}`]
  }
}

function brokenFaults(call: ProviderCall, stream: string): string[] {
  let told = ''
  const faults = failingFaults(() => readStream(call, [Buffer.from(stream)], bytes => (told += Buffer.from(bytes).toString())))
  return [...faults, ...(OVER.test(told) ? ['the client is told that the answer is complete'] : []), ...(told === '' ? ['what came before is lost'] : [])]
}
