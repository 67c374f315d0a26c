import { type End, type Identity, ProviderError } from '../../provider.ts'
import { endsByItself, refuses } from '../natural.ts'
import { isRecord, nativeUsageOf, usageOf } from '../usage.ts'
import { noObject, unasked } from '../whole-body.ts'
import { failsWith, parsedOr, reported } from './error.ts'

/** What closes a whole answer; throws when it is none. */
export function endOf(identity: Identity, body: Uint8Array): End {
  const answer = answerIn(identity, body)
  if (!Array.isArray(answer.choices)) throw unasked(identity, 'without a choice')
  return endOfAnswer(identity, answer)
}

/** The object that a whole answer is; throws when it is none, or an error. */
export function answerIn(identity: Identity, body: Uint8Array): Readonly<Record<string, unknown>> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const answer = objectIn(identity, text)
  if (isFault(answer)) throw reported(identity, text)
  return answer
}

/** What a body means that has not what makes it an answer: the error that it tells of, else something that was not asked for. */
export const noAnswer = (identity: Identity, text: string, what: string): ProviderError =>
  isFault(objectIn(identity, text)) ? reported(identity, text) : unasked(identity, what)

/** What closes an answer that was read already. */
export function endOfAnswer(identity: Identity, answer: Readonly<Record<string, unknown>>): End {
  const choices: readonly unknown[] = Array.isArray(answer.choices) ? answer.choices : []
  for (const choice of choices) if (isRecord(choice)) refuseFailed(identity, choice)
  const first = choices.find(choice => isRecord(choice) && (choice.index ?? 0) === 0)
  const said = isRecord(answer.usage) ? answer.usage : usageElsewhere(answer)
  const usage = usageOf(said)
  const nativeUsage = nativeUsageOf(said)
  const finish = isRecord(first) ? first.finish_reason : undefined
  const natural = choices.length > 0 && choices.every(choice => isRecord(choice) && endsByItself(choice.finish_reason) && !refuses(choice.message))
  return { ...(usage && { usage }), ...(nativeUsage && { nativeUsage }), ...(typeof finish === 'string' && { finish }), natural }
}

/** The object that a whole body is; throws when it is none. */
export function objectIn(identity: Identity, text: string): Readonly<Record<string, unknown>> {
  const value = parsedOr(text)
  if (isRecord(value)) return value
  throw noObject(identity, text)
}

/** The object in an event of a stream; throws when there is none. */
export function chunkIn({ name: provider }: Identity, data: string): Readonly<Record<string, unknown>> {
  const value = parsedOr(data)
  if (isRecord(value)) return value
  throw new ProviderError('transport', 'provider_failed', `${provider} sent a chunk that is not a JSON object`, { provider })
}

/** What came under status 200 says that it is no answer: OpenAI's way, MiniMax's and Groq's; and that of vLLM, Mistral and Cohere, who put no `error` around it. */
export const isFault = ({ error, base_resp: base, x_groq: groq, choices, message, detail }: Readonly<Record<string, unknown>>): boolean =>
  Boolean(error) || (isRecord(base) && Boolean(base.status_code)) || (isRecord(groq) && Boolean(groq.error)) || (choices === undefined && Boolean(message ?? detail))

const FAILED: ReadonlySet<unknown> = new Set(['error', 'ERROR', 'network_error'])

/** Throws when a choice ended because the provider failed: no word of the dialect's own, but no end either. */
export function refuseFailed(identity: Identity, { finish_reason: finish }: Readonly<Record<string, unknown>>): void {
  if (FAILED.has(finish)) throw failsWith(identity, String(finish))
}

/** Usage beside the place where it belongs: Groq's in chunks, and of servers that count by choice. */
export function usageElsewhere({ x_groq: groq, choices }: Readonly<Record<string, unknown>>): unknown {
  if (isRecord(groq) && isRecord(groq.usage)) return groq.usage
  const last: unknown = Array.isArray(choices) ? choices.at(-1) : undefined
  return isRecord(last) ? last.usage : undefined
}
