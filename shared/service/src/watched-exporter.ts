import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from './log.ts'

type Told = Parameters<SpanExporter['export']>[1]

/** What is known of the collector; services of one process have it in common. */
export interface Collector {
  failing: boolean
}

/** An exporter whose failures are told once, and once more when it works again; what is lost in between is not kept. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: OTLPTraceExporter
  readonly #log: Logger
  readonly #endpoint: string
  readonly #collector: Collector

  /** `endpoint` stands in the log: it must be without credentials. */
  constructor(exporter: OTLPTraceExporter, about: { log: Logger; endpoint: string; collector: Collector }) {
    this.#exporter = exporter
    this.#log = about.log
    this.#endpoint = about.endpoint
    this.#collector = about.collector
  }

  export(spans: ReadableSpan[], told: Told): void {
    this.#exporter.export(spans, result => {
      if (result.error) this.#failed(result.error)
      else this.#worked()
      told(result)
    })
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  /** Its code says enough; its words may hold what the collector answered. */
  #failed(error: Error): void {
    if (this.#collector.failing) return
    this.#collector.failing = true
    const reason = 'code' in error ? error.code : 'no answer'
    this.#log.warn({ endpoint: this.#endpoint, reason }, 'traces cannot be delivered')
  }

  #worked(): void {
    if (!this.#collector.failing) return
    this.#collector.failing = false
    this.#log.info({ endpoint: this.#endpoint }, 'traces are delivered again')
  }
}
