import type { Trace } from '@gomodel/bus'
import { isSpanContextValid, ROOT_CONTEXT, type Span as SdkSpan, type SpanContext, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Logger } from './log.ts'
import { type Attributes, PassingSpan, type Span, type SpanOptions, type Tracing } from './tracing.ts'
import { wallClock } from './wall-clock.ts'
import { type Collector, WatchedExporter } from './watched-exporter.ts'

export interface OtlpOptions {
  /** The collector's base address. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  /** Of the traces that begin here, how many are recorded, from 0 to 1. */
  readonly sampleRatio: number
  readonly service: string
  /** Unique to this process. */
  readonly instanceId: string
  readonly log: Logger
  readonly collector: Collector
  /** How long finished spans wait for others, and how long a delivery may take. */
  readonly patience?: { readonly batchMs: number; readonly deliveryMs: number }
}

const PATIENCE = { batchMs: 1000, deliveryMs: 5000 }
const CLOSE_MS = 2000
// A batch is made into bytes in one go: 128 spans take 1 ms of the event loop, the library's 512 would take 4.
const BATCH = 128
const QUEUE = 2048

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const

/** Tracing that sends its spans to a collector over OTLP/HTTP. A collector that is away costs spans, never time. */
export class OtlpTracing implements Tracing {
  readonly enabled = true
  readonly #provider: TracerProvider
  readonly #tracer: Tracer
  #closed: Promise<void> | undefined

  constructor({ endpoint, headers, sampleRatio, service, instanceId, log, collector, patience = PATIENCE }: OtlpOptions) {
    const { url, credentials } = addressOf(endpoint)
    const exporter = new OTLPTraceExporter({ url, headers: { ...credentials, ...headers }, timeoutMillis: patience.deliveryMs, concurrencyLimit: 1 + QUEUE / BATCH })
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes({ 'service.namespace': 'gomodel', 'service.name': `gomodel-${service}`, 'service.instance.id': instanceId, 'process.pid': process.pid })),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new WatchedExporter(exporter, { log, collector, endpoint: new URL(url).origin }),
          maxExportBatchSize: BATCH,
          maxQueueSize: QUEUE,
          scheduledDelayMillis: patience.batchMs,
          exportTimeoutMillis: 2 * patience.deliveryMs,
        }),
      ],
    })
    this.#tracer = this.#provider.getTracer('gomodel')
  }

  span(name: string, { kind, parent, attributes, startedAt = wallClock() }: SpanOptions): Span {
    const above = parent && contextOf(parent)
    const context = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], startTime: startedAt, ...(attributes && { attributes }) }, context)
    if (span.isRecording()) return new RecordedSpan(span, traceOf(span, above && parent?.tracestate))
    // What is not recorded has no place in the trace: who comes after it has the same parent.
    return new PassingSpan(above ? parent : traceOf(span, undefined))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, CLOSE_MS)
    await Promise.race([this.#provider.shutdown().catch(() => {}), promise])
    clearTimeout(timer)
  }
}

class RecordedSpan implements Span {
  readonly trace: Trace
  readonly #span: SdkSpan
  #ended = false

  constructor(span: SdkSpan, onward: Trace) {
    this.#span = span
    this.trace = onward
  }

  set(attributes: Attributes): void {
    if (!this.#ended) this.#span.setAttributes(attributes)
  }

  event(name: string, attributes?: Attributes): void {
    if (!this.#ended) this.#span.addEvent(name, attributes, wallClock())
  }

  end(failure?: { readonly code: string }): void {
    if (this.#ended) return
    this.#ended = true
    if (failure) this.#span.setAttribute('error.type', failure.code).setStatus({ code: SpanStatusCode.ERROR })
    this.#span.end(wallClock())
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/

function contextOf({ traceparent }: Trace): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  return isSpanContextValid(context) ? context : undefined
}

function traceOf(span: SdkSpan, tracestate: string | undefined): Trace {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return { traceparent: `00-${traceId}-${spanId}-0${traceFlags}`, ...(tracestate !== undefined && { tracestate }) }
}

/** A user and a password in the address become the header that they stand for. */
function addressOf(endpoint: string): { url: string; credentials: Record<string, string> } {
  const url = new URL(endpoint)
  const { username, password } = url
  url.username = url.password = url.search = url.hash = ''
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  if (username === '' && password === '') return { url: url.href, credentials: {} }
  const encoded = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { url: url.href, credentials: { authorization: `Basic ${encoded}` } }
}
