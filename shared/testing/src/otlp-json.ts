import { KINDS, type ReceivedSpan, STATUSES } from './otlp-span.ts'

interface JsonAttribute {
  key: string
  value: { stringValue?: string; boolValue?: boolean; intValue?: string | number; doubleValue?: number; arrayValue?: { values?: JsonAttribute['value'][] } }
}

interface JsonSpan extends Pick<ReceivedSpan, 'traceId' | 'spanId' | 'name'> {
  parentSpanId?: string
  kind?: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes?: JsonAttribute[]
  events?: { name: string; timeUnixNano: string; attributes?: JsonAttribute[] }[]
  status?: { code?: number; message?: string }
}

interface JsonRequest {
  resourceSpans?: { resource?: { attributes?: JsonAttribute[] }; scopeSpans?: { spans?: JsonSpan[] }[] }[]
}

/** The spans of an OTLP ExportTraceServiceRequest in JSON. */
export function spansInJson(body: string): ReceivedSpan[] {
  const { resourceSpans = [] } = JSON.parse(body) as JsonRequest
  return resourceSpans.flatMap(({ resource: { attributes = [] } = {}, scopeSpans = [] }) => {
    const resource = attributesOf(attributes)
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => spanOf(span, resource)))
  })
}

const spanOf = (span: JsonSpan, resource: ReceivedSpan['resource']): ReceivedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || undefined,
  name: span.name,
  kind: KINDS[span.kind ?? 0] ?? 'unspecified',
  service: String(resource['service.name']),
  resource,
  startedAt: Number(span.startTimeUnixNano) / 1e6,
  endedAt: Number(span.endTimeUnixNano) / 1e6,
  attributes: attributesOf(span.attributes ?? []),
  events: (span.events ?? []).map((event) => ({ at: Number(event.timeUnixNano) / 1e6, name: event.name, attributes: attributesOf(event.attributes ?? []) })),
  status: STATUSES[span.status?.code ?? 0] ?? 'unset',
  message: span.status?.message ?? '',
})

const attributesOf = (pairs: JsonAttribute[]): Record<string, unknown> => Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]))

function valueOf({ stringValue, boolValue, intValue, doubleValue, arrayValue }: JsonAttribute['value']): unknown {
  if (arrayValue) return (arrayValue.values ?? []).map(valueOf)
  return stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue))
}
