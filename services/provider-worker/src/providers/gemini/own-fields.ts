import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { isRecord } from '../usage.ts'
import { type Fields, record } from './fields.ts'

/** What a request says in Gemini's own words, beside those of the hub. */
export interface OwnFields {
  /** Of the body, but for the following. */
  readonly body: Fields
  readonly generationConfig: Fields
  readonly toolConfig: Fields
  /** Tools that Gemini runs itself. */
  readonly tools: readonly unknown[]
}

/** Those that may stand in the request as they are; any may stand in `extra_body.google`, where Google's own endpoint takes them. */
const TOP_LEVEL: ReadonlySet<string> = new Set(['safetySettings', 'cachedContent', 'generationConfig', 'toolConfig', 'labels'])

/** Whether a field of a request is Gemini's own. */
export const isOwn = (field: string): boolean => field === 'extra_body' || TOP_LEVEL.has(camelCase(field))

/** Reads both spellings, `safety_settings` and `safetySettings`. Throws when one is no object where Gemini has one. */
export function ownFieldsOf(chat: HubRequest, changes: Changes): OwnFields {
  const top = Object.entries(chat).filter(([field]) => field !== 'extra_body' && isOwn(field))
  const { google, ...others } = record(chat.extra_body) ?? {}
  for (const field of Object.keys(others)) changes.dropped(`extra_body.${field}`)
  const said = camelCased({ ...Object.fromEntries(top), ...record(google) })
  const { generationConfig, thinkingConfig, toolConfig, tools, ...body } = said
  const config = camelCased(objectOf(generationConfig, 'generationConfig'))
  const thinking = thinkingConfig ?? config.thinkingConfig
  return {
    body,
    generationConfig: { ...config, ...(thinking !== undefined && { thinkingConfig: camelCased(objectOf(thinking, 'thinkingConfig')) }) },
    toolConfig: camelCased(objectOf(toolConfig, 'toolConfig')),
    tools: Array.isArray(tools) ? (tools as unknown[]) : [],
  }
}

function objectOf(value: unknown, param: string): Fields {
  if (value === undefined || value === null) return {}
  if (isRecord(value)) return value
  throw new GatewayError('invalid_request', `${param} must be an object`, { param })
}

const camelCased = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).map(([field, value]) => [camelCase(field), value]))

const camelCase = (field: string): string => field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
