import { randomFillSync } from 'node:crypto'
import type { Trace } from '@gomodel/bus'

/** What is known of a span; an undefined value is left out. Never what a prompt or an answer says. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** How a span begins. */
export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'internal' | 'producer' | 'consumer'
  /** The span above, from this process or from another; without one a trace begins. */
  readonly parent: Trace | undefined
  readonly attributes?: Attributes
  /** When it began, in milliseconds since 1970; now unless told. */
  readonly startedAt?: number
}

/** One step of a request, from its beginning until `end`. */
export interface Span {
  /** What the next hop gets: this span as its parent, with the caller's tracestate. */
  readonly trace: Trace
  set(attributes: Attributes): void
  event(name: string, attributes?: Attributes): void
  /** Ends it, once; the code of a failure (a GatewayError is one) becomes `error.type`, its words are not told. */
  end(failure?: { readonly code: string }): void
}

/** Where one service tells what it did for a request. */
export interface Tracing {
  /** False when spans go nowhere: then nothing that costs need be found out for them. */
  readonly enabled: boolean
  span(name: string, options: SpanOptions): Span
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>
}

/** Tracing without a collector: a trace is handed on as it came. */
export const noTracing: Tracing = Object.freeze({
  enabled: false,
  span: (_: string, { parent }: SpanOptions): Span => new PassingSpan(parent ?? newTrace()),
  close: () => Promise.resolve(),
})

/** A span that nobody records: the trace goes on as it came. */
export class PassingSpan implements Span {
  readonly trace: Trace

  constructor(trace: Trace) {
    this.trace = trace
  }

  set(): void {}

  event(): void {}

  end(): void {}
}

const TRACE_BYTES = 24
const pool = Buffer.allocUnsafe(TRACE_BYTES * 128)
let used = pool.length

/** A trace that nobody records, so that the provider's own records have a name to be found by. */
function newTrace(): Trace {
  // Asking the system for each request took a twentieth of the ingress' time.
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const ids = pool.toString('hex', used, (used += TRACE_BYTES))
  return { traceparent: `00-${ids.slice(0, 32)}-${ids.slice(32)}-00` }
}
