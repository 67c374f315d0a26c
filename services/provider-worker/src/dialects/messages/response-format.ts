import type { HubResponseFormat } from '../../hub/hub.ts'
import type { MessagesRequest } from './request-schema.ts'

/** The schema of the answer, where one is asked for. `output_format` is its older name. */
export function responseFormatOf({ output_config: output, output_format: older }: MessagesRequest): { response_format?: HubResponseFormat } {
  const format = output?.format ?? older
  if (!format) return {}
  const schema = format.schema as Readonly<Record<string, unknown>>
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, ...(isStrict(schema) && { strict: true }) } } }
}

/** Which field asks for it. */
export const formatPlace = ({ output_config: output }: MessagesRequest): string => (output?.format ? 'output_config.format' : 'output_format')

/** Anthropic always holds the model to the schema; others only where each object is closed and each of its properties required. */
function isStrict(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true
  if (Array.isArray(schema)) return schema.every(isStrict)
  const { properties, required, additionalProperties: more } = schema as Readonly<Record<string, unknown>>
  if (typeof properties === 'object' && properties !== null) {
    const names = Array.isArray(required) ? required : []
    if (more !== false || Object.keys(properties).some(name => !names.includes(name))) return false
  }
  return Object.values(schema).every(isStrict)
}
