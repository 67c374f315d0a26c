import type { Usage } from '@gomodel/contracts'
import type { End, GenerateRequest } from '../../provider.ts'
import { endsByItself } from '../natural.ts'
import { type Fields, record, text } from './fields.ts'
import type { Finish } from './finish.ts'

/** What an answer says of itself, in its whole or in each of its pieces. `created` is in seconds, 0 where Gemini does not say. */
export function headOf(said: Fields, { requestId, model }: GenerateRequest) {
  const created = Math.floor(Date.parse(text(said.createTime) ?? '') / 1000)
  return { id: text(said.responseId) ?? requestId, created: created > 0 ? created : 0, model: text(said.modelVersion) ?? model }
}

/** What closes an answer; `finishes` by choice, undefined for one that has not ended. */
export function endOfAnswer(usage: Usage | undefined, finishes: ReadonlyMap<number, Finish | undefined>): End {
  const finish = finishes.get(0)?.reason
  const natural = finishes.size > 0 && [...finishes.values()].every(end => endsByItself(end?.reason))
  return { ...(usage && { usage }), ...(finish !== undefined && { finish }), natural }
}

/** How a prompt ends that Gemini refuses to answer; undefined when it does not. */
export function blockOf({ promptFeedback: feedback }: Fields): Finish | undefined {
  const reason = text(record(feedback)?.blockReason)
  return reason === undefined ? undefined : { reason: 'content_filter', native: reason.slice(0, 60) }
}

/** How a choice ended, as the hub says it. */
export const finishFields = (finish: Finish | undefined) => ({ finish_reason: finish?.reason ?? null, ...(finish?.native !== undefined && { native_finish_reason: finish.native }) })
