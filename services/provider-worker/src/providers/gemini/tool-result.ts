import { GatewayError } from '@gomodel/contracts'
import type { HubMessage } from '../../hub/hub.ts'
import { isRecord } from '../usage.ts'
import type { Place } from './assistant-parts.ts'
import type { Fields } from './fields.ts'
import { partsOf } from './media.ts'

/** What a tool answered. Gemini knows the call by the tool's name, which the message does not say. */
export function toolResult(message: HubMessage, { where, facts, changes, name }: Place & { name: string | undefined }): Fields {
  const id = message.tool_call_id
  if (name === undefined || id === undefined) {
    const param = `${where}.tool_call_id`
    throw new GatewayError('invalid_request', `${param} is that of no call in the messages before it`, { param })
  }
  const parts = partsOf(message.content, `${where}.content`, changes)
  const media = parts.filter(part => !('text' in part))
  if (media.some(part => !facts.mediaInResults || !('inlineData' in part))) {
    throw new GatewayError('unsupported', `${where}.content may only be text for this model`, { param: `${where}.content` })
  }
  const said = parts.flatMap(part => (typeof part.text === 'string' ? [part.text] : [])).join('\n')
  return { functionResponse: { id, name, response: responseOf(said, message.is_error === true), ...(media.length > 0 && { parts: media }) } }
}

/** Always an object: one that is there, else the text under the name that Gemini gives to what came out or went wrong. */
function responseOf(said: string, failed: boolean): Fields {
  const object = objectIn(said)
  if (failed) return { error: object ?? said }
  return object ?? { output: said }
}

function objectIn(said: string): Fields | undefined {
  // Numbers of 16 digits and more would lose some of them as numbers; as text they do not.
  if (!said.trimStart().startsWith('{') || /\d{16}/.test(said)) return undefined
  try {
    const value: unknown = JSON.parse(said)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
