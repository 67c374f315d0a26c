/** A value that has members by name. */
export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

// An integer past 2^53 has 16 digits, a number past the range of a double an exponent of three.
const SUSPICIOUS = /\d{16}|\de\+?\d{3}/i

/** Parses a JSON object that can be written again as it was; throws when it is none, or holds a number that JavaScript cannot hold. */
export function readObject(json: string): JsonObject {
  const value: unknown = JSON.parse(json)
  if (!isObject(value)) throw new Error('not a JSON object')
  if (SUSPICIOUS.test(json) && losesNumbers(value)) throw new Error('a number is too large')
  return value
}

function losesNumbers(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  return typeof value === 'object' && value !== null && Object.values(value).some(losesNumbers)
}
