import type { Changes } from '../../hub/changes.ts'
import type { HubRequest, HubResponseFormat } from '../../hub/hub.ts'
import type { Fields } from './fields.ts'
import { schemaOf } from './schema.ts'

const MAX_TEMPERATURE = 2
const MAX_STOPS = 5
const MAX_SEED = 2 ** 31

/** How the answer is to be made, all but the thinking, in Gemini's words. */
export function generationConfigOf(chat: HubRequest, changes: Changes): Fields {
  return given({
    maxOutputTokens: maxTokensOf(chat, changes),
    temperature: temperatureOf(chat.temperature, changes),
    topP: chat.top_p,
    topK: chat.top_k,
    stopSequences: stopsOf(chat.stop, changes),
    candidateCount: candidatesOf(chat.n, changes),
    seed: seedOf(chat.seed, changes),
    presencePenalty: chat.presence_penalty,
    frequencyPenalty: chat.frequency_penalty,
    ...(chat.logprobs === true && { responseLogprobs: true, logprobs: chat.top_logprobs }),
    responseModalities: Array.isArray(chat.modalities) ? (chat.modalities as unknown[]).map(name => String(name).toUpperCase()) : undefined,
    ...formatOf(chat.response_format, changes),
  })
}

function maxTokensOf({ max_completion_tokens: completion, max_tokens: total }: HubRequest, changes: Changes): number | null | undefined {
  const most = completion ?? total
  if (most !== null && most !== undefined) changes.renamed(most === completion ? 'max_completion_tokens' : 'max_tokens', 'maxOutputTokens')
  if (most !== total && total !== null && total !== undefined) changes.dropped('max_tokens')
  return most
}

function candidatesOf(n: number | null | undefined, changes: Changes): number | undefined {
  if (n === null || n === undefined || n === 1) return undefined
  changes.renamed('n', 'candidateCount')
  return n
}

function temperatureOf(temperature: number | null | undefined, changes: Changes): number | undefined {
  if (temperature === null || temperature === undefined) return undefined
  const taken = Math.min(Math.max(temperature, 0), MAX_TEMPERATURE)
  if (taken !== temperature) changes.clamped('temperature', String(taken))
  return taken
}

function stopsOf(stop: string | readonly string[] | null | undefined, changes: Changes): readonly string[] | undefined {
  if (stop === null || stop === undefined) return undefined
  const all = typeof stop === 'string' ? [stop] : stop
  if (all.length > MAX_STOPS) changes.clamped('stop', `the first ${MAX_STOPS}`)
  else changes.renamed('stop', 'stopSequences')
  return all.slice(0, MAX_STOPS)
}

/** Gemini's seeds have 32 bits: of a larger number the lower ones are as good a seed. */
function seedOf(seed: number | null | undefined, changes: Changes): number | undefined {
  if (seed === null || seed === undefined || (seed >= -MAX_SEED && seed < MAX_SEED)) return seed ?? undefined
  const taken = seed | 0
  changes.emulated('seed', String(taken))
  return taken
}

function formatOf(format: HubResponseFormat | null | undefined, changes: Changes): Fields {
  if (!format || format.type === 'text') return {}
  if (format.type === 'json_object' || !format.json_schema.schema) {
    changes.renamed('response_format', 'responseMimeType')
    return { responseMimeType: 'application/json' }
  }
  changes.renamed('response_format', 'responseJsonSchema')
  const { name, description, schema } = format.json_schema
  const responseJsonSchema = { title: name, ...(description !== undefined && { description }), ...schemaOf(schema, 'response_format.json_schema.schema', changes) }
  return { responseMimeType: 'application/json', responseJsonSchema }
}

/** Without what nobody said. */
export const given = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
