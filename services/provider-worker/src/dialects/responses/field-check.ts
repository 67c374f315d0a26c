import { GatewayError } from '@gomodel/contracts'
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Changes } from '../../hub/changes.ts'

/** One kind of object in a request: what its fields must be, and which of them are read. */
export interface Shape<T extends TSchema> {
  readonly schema: T
  readonly validator: Validator
  readonly fields: ReadonlySet<string>
}

/** `also` are fields that may be there and say nothing to a model. */
export const shape = <T extends TSchema & { properties: object }>(schema: T, also: readonly string[] = []): Shape<T> => ({
  schema,
  validator: Compile(schema),
  fields: new Set([...Object.keys(schema.properties), ...also]),
})

/** The value as its shape says; fields that nobody reads are noted as dropped. Throws `invalid_request` with the place of the first wrong one. */
export function checked<T extends TSchema>({ validator, fields }: Shape<T>, value: unknown, { at, changes }: { at: string; changes: Changes }): Static<T> {
  if (!validator.Check(value)) throw refusal(validator.Errors(value)[0], at)
  for (const [name, given] of Object.entries(value as object)) {
    if (!fields.has(name) && given !== null && given !== undefined) changes.dropped(at === '' ? name : `${at}.${name}`)
  }
  return value as Static<T>
}

interface Finding {
  readonly instancePath: string
  readonly message: string
  readonly params?: unknown
}

function refusal(found: Finding | undefined, at: string): GatewayError {
  const missing = (found?.params as { requiredProperties?: string[] } | undefined)?.requiredProperties?.[0]
  const parts = (found?.instancePath ?? '').split('/').slice(1).map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
  const param = `${at}${parts.join('')}${missing === undefined ? '' : `.${missing}`}`.replace(/^\./, '') || undefined
  return new GatewayError('invalid_request', `${param ?? 'the body'} ${missing === undefined ? (found?.message ?? 'is not valid') : 'is required'}`, { param })
}

/** Something that clients of the Responses API may ask for and that no chat can do. */
export const unsupported = (param: string, why: string): GatewayError => new GatewayError('unsupported', why, { param })
