import { GatewayError } from '@gomodel/contracts'
import { type Static, Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Changes } from '../../hub/changes.ts'
import { pathOf, refusal } from '../../hub/read-chat.ts'

/** A field that may be missing or null, which is the same. */
export const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** Reads a value of a schema at a place of the request, given as a JSON pointer; throws `invalid_request` with the place of the first fault. */
export type Reader<T extends TSchema> = (value: unknown, at?: string) => Static<T>

/** Compiles a schema once. */
export function reader<T extends TSchema>(schema: T): Reader<T> {
  const validator = Compile(schema)
  return (value, at = '') => {
    if (validator.Check(value)) return value as Static<T>
    throw refusal(validator.Errors(value)[0], at)
  }
}

/** Takes note of every member that says something and is not read. */
export function noteUnread(value: object, read: ReadonlySet<string>, { at, changes }: { at: string; changes: Changes }): void {
  for (const [name, said] of Object.entries(value)) {
    if (!read.has(name) && said !== null && said !== undefined) changes.dropped(pathOf(`${at}/${name}`))
  }
}

/** A kind of content, or a way to give it, that only Anthropic itself understands. */
export function unsupported(at: string, kind: string): GatewayError {
  const param = pathOf(at)
  return new GatewayError('unsupported', `${param} is of a kind that only Anthropic's own models take: ${kind.slice(0, 60)}`, { param })
}
