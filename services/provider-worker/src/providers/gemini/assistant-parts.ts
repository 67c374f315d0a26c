import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import { isRecord } from '../usage.ts'
import { type Fields, record, records, text } from './fields.ts'
import { mediaAt, partsOf } from './media.ts'
import type { ModelFacts } from './model-facts.ts'

/** Whose the details of reasoning are that this adapter makes and takes. */
export const GEMINI_FORMAT = 'google-gemini-v1'

// Google's documented word for calls that its model did not make itself: another provider's, or made up.
const NO_SIGNATURE = 'skip_thought_signature_validator'

/** Where a message is, and whom it is for. */
export interface Place {
  readonly where: string
  readonly facts: ModelFacts
  readonly changes: Changes
}

/** What the model said before, with the signatures that it gave to it. */
export function assistantParts(message: HubMessage, { where, facts, changes }: Place): Fields[] {
  const details = ownDetails(message, where, changes)
  const calls = message.tool_calls ?? []
  const ids = new Set(calls.map(({ id }) => id))
  const ofCalls = new Map(details.flatMap(({ id, data }) => (id && data && ids.has(id) ? [[id, data] as const] : [])))
  if (message.refusal) changes.emulated(`${where}.refusal`, 'text')
  return [
    ...details.flatMap(thought),
    ...partsOf(message.content, `${where}.content`, changes),
    ...(message.refusal ? [{ text: message.refusal }] : []),
    ...records(message.images).map((image, place) => mediaAt(text(record(image.image_url)?.url) ?? '', `${where}.images[${place}].image_url.url`)),
    // Where a stream has signatures of what is no call: behind it, on an empty text.
    ...details.flatMap(({ type, id, data }) => (type === 'reasoning.encrypted' && data && !ofCalls.has(id ?? '') ? [{ text: '', thoughtSignature: data }] : [])),
    ...calls.map((call, place) => {
      const signature = signatureOf(call, `${where}.tool_calls[${place}]`, changes) ?? ofCalls.get(call.id) ?? (place === 0 && facts.signsCalls ? NO_SIGNATURE : undefined)
      return { functionCall: callOf(call, `${where}.tool_calls[${place}]`), ...(signature !== undefined && { thoughtSignature: signature }) }
    }),
  ]
}

function ownDetails({ reasoning_details: details }: HubMessage, where: string, changes: Changes): readonly ReasoningDetail[] {
  const own = (details ?? []).filter(({ format }) => format === GEMINI_FORMAT)
  if (own.length < (details?.length ?? 0)) changes.dropped(`${where}.reasoning_details`)
  return own
}

function thought({ type, text: thinking, summary, signature }: ReasoningDetail): Fields[] {
  if (type === 'reasoning.encrypted' || (!thinking && !summary && !signature)) return []
  return [{ text: thinking ?? summary ?? '', thought: true, ...(signature && { thoughtSignature: signature }) }]
}

function signatureOf({ extra_content: extra }: ToolCall, where: string, changes: Changes): string | undefined {
  const signature = text(record(record(extra)?.google)?.thought_signature)
  if (signature === undefined && extra !== null && extra !== undefined) changes.dropped(`${where}.extra_content`)
  return signature
}

function callOf({ id, function: { name, arguments: json } }: ToolCall, where: string): Fields {
  let args: unknown
  try {
    args = json.trim() === '' ? {} : JSON.parse(json)
  } catch {
    // What it is instead is judged below.
  }
  if (isRecord(args)) return { id, name, args }
  const param = `${where}.function.arguments`
  throw new GatewayError('invalid_request', `${param} must be a JSON object`, { param })
}
