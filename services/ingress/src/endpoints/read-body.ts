import { GatewayError } from '@gomodel/contracts'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { jsonFault } from './json-fault.ts'
import { SchemaFaults } from './schema-fault.ts'

/** Makes a reader of request bodies: what it gives satisfies the schema, with whatever else it held; what is wrong is said with its place. */
export function bodyReader<S extends TSchema>(schema: S): (body: Buffer) => Static<S> {
  const validator = Compile(schema)
  const faults = new SchemaFaults(schema)
  return body => {
    const value = readJson(body)
    if (validator.Check(value)) return value as Static<S>
    const { param, problem } = faults.firstIn(value)
    throw new GatewayError('invalid_request', param === undefined ? 'the body must be a JSON object' : `${param} ${problem}`, { param })
  }
}

function readJson(body: Buffer): unknown {
  const text = body.toString()
  try {
    return JSON.parse(text)
  } catch {
    const { offset, expected } = jsonFault(text)
    const { line, column } = placeOf(text, offset)
    throw new GatewayError('invalid_request', `the body is not valid JSON: expected ${expected} at position ${offset} (line ${line}, column ${column})`)
  }
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    start = end + 1
    line++
  }
  return { line, column: offset - start + 1 }
}
