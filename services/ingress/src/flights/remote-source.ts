import type { Answer, Bus, Trace } from '@gomodel/bus'
import { type EndOf, type ErrorCode, flight, GatewayError, type HeadOf, type Lead } from '@gomodel/contracts'
import { OnePiece } from '../pieces.ts'
import type { Source } from './flight.ts'
import { FlightLost, type Next } from './flight-lost.ts'

/** A leader that answers, but does not know the flight, has finished meanwhile. */
const NEXT: Readonly<Partial<Record<ErrorCode, Next>>> = { not_found: 'ask', overloaded: 'alone', internal: 'alone' }
const NO_BODY = Buffer.alloc(0)

/** Which answer that is, and who is told how it was asked for before it rejects with the error of that answer. */
interface Followed {
  readonly key: string
  readonly leader: Lead
  readonly signal: AbortSignal
  readonly trace: Trace
  readonly failing: (manner: string | undefined) => void
}

/** An answer that another ingress is getting. Rejects with the error of that answer, or with `FlightLost`. */
export async function remoteSource(bus: Bus, { key, leader, signal, trace, failing }: Followed): Promise<Source> {
  const lost = (thrown: unknown, provider?: string): GatewayError => {
    const error = GatewayError.from(thrown)
    if (error.code === 'cancelled') return error
    return new FlightLost(NEXT[error.code] ?? { replace: leader }, { provider, cause: thrown })
  }
  let answer: Remote
  try {
    answer = await bus.exchange(flight, { key, flight: leader.flight }, { to: leader.ingress, body: NO_BODY, signal, trace })
  } catch (thrown) {
    throw lost(thrown)
  }
  const head = answer.head.answer
  const bytes = passing(answer, thrown => lost(thrown, head?.provider))
  if (!head) {
    failing(answer.head.manner)
    for await (const _ of bytes) continue
    throw new GatewayError('internal', 'internal error', { cause: new Error('a flight without an answer and without a failure') })
  }
  return { head, bytes: head.form === 'whole' ? new OnePiece(bytes) : bytes, get end() { return answer.end } }
}

type Remote = Answer<HeadOf<typeof flight>, EndOf<typeof flight>>

async function* passing(answer: Remote, lost: (thrown: unknown) => GatewayError): AsyncGenerator<Uint8Array> {
  try {
    yield* answer
  } catch (thrown) {
    throw lost(thrown)
  }
  if (answer.end?.failure) throw GatewayError.fromWire(answer.end.failure)
}
