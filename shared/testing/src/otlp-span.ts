export const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export const STATUSES = ['unset', 'ok', 'error'] as const

/** A span as a collector would keep it. Times are in milliseconds since 1970. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: (typeof KINDS)[number]
  /** The `service.name` of the resource that it came from. */
  readonly service: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly status: (typeof STATUSES)[number]
  /** The words of the status. */
  readonly message: string
  readonly startedAt: number
  readonly endedAt: number
}
