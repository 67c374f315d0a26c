import { KINDS, type ReceivedSpan, STATUSES } from './otlp-span.ts'

/** One field of a protobuf message: a number for varints and doubles, a bigint for fixed 64 bits, bytes for the rest. */
interface Field {
  number: number
  value: number | bigint | Buffer
}

/** The spans of an OTLP ExportTraceServiceRequest in protobuf, by the field numbers of opentelemetry/proto/trace/v1/trace.proto. */
export function spansInProtobuf(message: Buffer): ReceivedSpan[] {
  return all(message, 1).flatMap((resourceSpans) => {
    const resource = attributes(all(resourceSpans, 1).flatMap((found) => all(found, 1)))
    return all(resourceSpans, 2).flatMap((scopeSpans) => all(scopeSpans, 2).map((span) => spanOf(span, resource)))
  })
}

function spanOf(span: Buffer, resource: ReceivedSpan['resource']): ReceivedSpan {
  const [status = Buffer.alloc(0)] = all(span, 15)
  return {
    traceId: first(span, 1).toString('hex'),
    spanId: first(span, 2).toString('hex'),
    parentSpanId: first(span, 4).toString('hex') || undefined,
    name: first(span, 5).toString(),
    kind: KINDS[number(span, 6)] ?? 'unspecified',
    service: String(resource['service.name']),
    resource,
    startedAt: milliseconds(span, 7),
    endedAt: milliseconds(span, 8),
    attributes: attributes(all(span, 9)),
    events: all(span, 11).map((event) => ({ at: milliseconds(event, 1), name: first(event, 2).toString(), attributes: attributes(all(event, 3)) })),
    status: STATUSES[number(status, 3)] ?? 'unset',
    message: first(status, 2).toString(),
  }
}

const attributes = (pairs: Buffer[]): Record<string, unknown> => Object.fromEntries(pairs.map((pair) => [first(pair, 1).toString(), anyValue(first(pair, 2))]))

function anyValue(message: Buffer): unknown {
  const [field] = fields(message)
  if (!field) return undefined
  if (field.number === 1) return String(field.value)
  if (field.number === 2) return field.value === 1
  if (field.number === 3) return field.value
  if (field.number === 4) return doubleOf(field.value)
  if (field.number === 5) return all(field.value as Buffer, 1).map(anyValue)
  return field.value
}

function doubleOf(value: Field['value']): number {
  const bits = Buffer.alloc(8)
  bits.writeBigUInt64LE(BigInt(value as bigint))
  return bits.readDoubleLE()
}

const all = (message: Buffer, wanted: number): Buffer[] =>
  fields(message)
    .filter((field) => field.number === wanted)
    .map((field) => field.value as Buffer)

const first = (message: Buffer, wanted: number): Buffer => all(message, wanted)[0] ?? Buffer.alloc(0)
const number = (message: Buffer, wanted: number): number => Number(fields(message).find((field) => field.number === wanted)?.value ?? 0)
const milliseconds = (message: Buffer, wanted: number): number => number(message, wanted) / 1e6

function fields(message: Buffer): Field[] {
  const found: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
  }
  const bytes = (length: number): Buffer => {
    at += length
    if (at > message.length) throw new RangeError('a message is shorter than it says')
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const tag = varint()
    const wire = tag & 7
    if (wire === 0) found.push({ number: tag >> 3, value: varint() })
    else if (wire === 1) found.push({ number: tag >> 3, value: bytes(8).readBigUInt64LE() })
    else if (wire === 2) found.push({ number: tag >> 3, value: bytes(varint()) })
    else if (wire === 5) found.push({ number: tag >> 3, value: bytes(4).readUInt32LE() })
    else throw new RangeError(`there is no wire type ${wire}`)
  }
  return found
}
