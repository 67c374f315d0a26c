import { GatewayError } from '@gomodel/contracts'
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser'
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** Makes a reader of request bodies: what it gives satisfies the schema, with whatever else it held; what is wrong is said with its place. */
export function bodyReader<S extends TSchema>(schema: S): (body: Buffer) => Static<S> {
  const validator = Compile(schema)
  return body => {
    const value = readJson(body)
    if (validator.Check(value)) return value as Static<S>
    throw refusal(validator, value)
  }
}

function refusal(validator: Pick<Validator, 'Errors'>, value: unknown): GatewayError {
  const first = validator.Errors(value)[0]
  const missing = (first?.params as { requiredProperties?: string[] } | undefined)?.requiredProperties?.[0]
  const param = pathOf(first?.instancePath ?? '', missing)
  const problem = missing === undefined ? (first?.message ?? 'is not valid') : 'is required'
  return new GatewayError('invalid_request', param === undefined ? 'the body must be a JSON object' : `${param} ${problem}`, { param })
}

function readJson(body: Buffer): unknown {
  const text = body.toString()
  try {
    return JSON.parse(text)
  } catch {
    // The engine's own message often lacks the position and quotes the body.
    const problems: ParseError[] = []
    parse(text, problems, { disallowComments: true })
    const offset = problems[0]?.offset ?? 0
    const before = text.slice(0, offset).split('\n')
    const what = problems[0] ? printParseErrorCode(problems[0].error) : 'InvalidSymbol'
    throw new GatewayError('invalid_request', `the body is not valid JSON: ${what} at position ${offset} (line ${before.length}, column ${before.at(-1)!.length + 1})`)
  }
}

/** `/messages/0/role` as `messages[0].role`. */
function pathOf(pointer: string, missing: string | undefined): string | undefined {
  const parts = [...pointer.split('/').slice(1), ...(missing === undefined ? [] : [missing])]
  const path = parts.map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part.replaceAll('~1', '/').replaceAll('~0', '~')}`)).join('')
  return path === '' ? undefined : path.replace(/^\./, '')
}
