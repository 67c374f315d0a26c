import { isRecord } from '../providers/usage.ts'
import { Refusal, wrong } from './refusal.ts'

/** A JSON object as a request holds it. */
export type Fields = Readonly<Record<string, unknown>>

/** The body of a request as an object; a 400 for all else. */
export function fieldsOf(body: Buffer): Fields {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    // What it is instead is judged below.
  }
  if (isRecord(value)) return value
  throw new Refusal(400, { message: 'The body of the request must be a JSON object.', type: 'invalid_request_error' })
}

/** A field that must be there. */
export function required(fields: Fields, name: string): unknown {
  const value = fields[name]
  if (value !== undefined && value !== null) return value
  throw wrong(name, `Missing required parameter: '${name}'.`, 'missing_required_parameter')
}

/** A number within limits, or undefined where none is given. */
export function number(fields: Fields, name: string, { min, max, whole }: { min: number; max: number; whole: boolean }): number | undefined {
  const value = fields[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || (whole && !Number.isInteger(value))) throw wrongType(name, whole ? 'an integer' : 'a number')
  if (value < min || value > max) throw wrong(name, `Invalid '${name}': expected a value from ${min} to ${max}, but got ${value} instead.`)
  return value
}

/** A switch; off where it is not given. */
export function flag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean')
  return value
}

/** An object, or undefined where none is given. */
export function object(fields: Fields, name: string): Fields | undefined {
  const value = fields[name] ?? undefined
  if (value !== undefined && !isRecord(value)) throw wrongType(name, 'an object')
  return value
}

/** Objects; none where the field is not given. The path of each is told to who reads it. */
export function objects<T>(fields: Fields, name: string, read: (item: Fields, path: string) => T): T[] {
  const value = fields[name] ?? []
  if (!Array.isArray(value)) throw wrongType(name, 'an array of objects')
  return value.map((item: unknown, index) => {
    const path = `${name}[${index}]`
    if (!isRecord(item)) throw wrongType(path, 'an object')
    return read(item, path)
  })
}

/** A text that must be there. */
export function text(fields: Fields, name: string, path = name): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw value === undefined || value === null ? wrong(path, `Missing required parameter: '${path}'.`, 'missing_required_parameter') : wrongType(path, 'a non-empty string')
}

/** What is said of a value that is of another type. */
export const wrongType = (param: string, expected: string): Refusal => wrong(param, `Invalid type for '${param}': expected ${expected}.`, 'invalid_type')
