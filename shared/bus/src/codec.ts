import { GatewayError, type WireError } from '@gomodel/contracts'
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

const compiled = new WeakMap<TSchema, Validator>()

/** Checks a value that came over the bus; a contract that is not kept is our fault, never the caller's. */
export function checked<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  let validator = compiled.get(schema)
  if (!validator) {
    validator = Compile(schema)
    compiled.set(schema, validator)
  }
  if (validator.Check(value)) return value as Static<T>
  const first = validator.Errors(value)[0]
  throw new GatewayError('internal', 'internal error', { cause: new Error(`${what} breaks its contract at ${first?.instancePath || '/'}: ${first?.message ?? ''}`) })
}

export const encodeJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export function decodeJson<T extends TSchema>(schema: T, bytes: Buffer, what: string): Static<T> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch (cause) {
    throw new GatewayError('internal', 'internal error', { cause: new Error(`${what} is not JSON`, { cause }) })
  }
  return checked(schema, value, what)
}

/** An error as it travels; of one that takes more than `room` bytes its code. */
export function encodeError(thrown: unknown, room = Number.POSITIVE_INFINITY): Buffer {
  const error = GatewayError.from(thrown)
  const bytes = encodeJson(error.toWire())
  return bytes.length <= room ? bytes : encodeJson(new GatewayError(error.code, 'the error is too long to be told').toWire())
}

export function decodeError(bytes: Buffer): GatewayError {
  try {
    return GatewayError.fromWire(JSON.parse(bytes.toString()) as WireError)
  } catch (cause) {
    return new GatewayError('internal', 'internal error', { cause })
  }
}
