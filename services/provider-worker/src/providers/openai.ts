import { type End, type GenerateRequest, type Identity, type Model, type Provider, ProviderError, type Refusal } from '../provider.ts'
import { withMembers } from '../json-fields.ts'
import { refused, reported } from './openai-error.ts'
import { ChatStream } from './openai-stream.ts'
import { endsByItself, refuses } from './natural.ts'
import { isRecord, nativeUsageOf, usageOf } from './usage.ts'

const PATHS = { chat: '/chat/completions' } as const
const INCLUDE_USAGE = new Map([['include_usage', () => Buffer.from('true')]])
const OPEN_OBJECT = 0x7b

/** The dialect of OpenAI and of every server compatible with it; what the client sent and what the model answers pass through untouched. */
export function openAiDialect(identity: Identity): Provider {
  return {
    headers: headersWith(identity.apiKey),
    modelsPath: '/models',
    request: (body, request) => ({ path: PATHS[request.endpoint], body: upstreamBody(body, request) }),
    answer: body => endOf(identity, body),
    reader: request => new ChatStream(identity, request),
    error: (refusal: Refusal) => refused(identity, refusal),
    models: body => modelsIn(identity, body),
  }
}

function headersWith(apiKey: string | undefined): string[] {
  const plain = ['content-type', 'application/json', 'accept-encoding', 'identity']
  return apiKey === undefined ? plain : [...plain, 'authorization', `Bearer ${apiKey}`]
}

/** The client's bytes with the model's upstream name; a stream is always asked for its usage, for the sake of the books. */
function upstreamBody(body: Uint8Array, { model, stream }: GenerateRequest): Uint8Array {
  const changes = new Map([['model', () => Buffer.from(JSON.stringify(model))]])
  if (!stream) return withMembers(body, changes)
  return withMembers(body, new Map([...changes, ['stream_options', withUsage]]))
}

const withUsage = (current: Uint8Array | undefined): Uint8Array =>
  withMembers(current?.[0] === OPEN_OBJECT ? current : Buffer.from('{}'), INCLUDE_USAGE)

function endOf(identity: Identity, body: Uint8Array): End {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const answer = objectIn(identity, text)
  if (answer.error) throw reported(identity, text)
  const choices: readonly unknown[] = Array.isArray(answer.choices) ? answer.choices : []
  const first = choices.find(choice => isRecord(choice) && (choice.index ?? 0) === 0)
  const usage = usageOf(answer.usage)
  const nativeUsage = nativeUsageOf(answer.usage)
  const finish = isRecord(first) ? first.finish_reason : undefined
  const natural = choices.length > 0 && choices.every(choice => isRecord(choice) && endsByItself(choice.finish_reason) && !refuses(choice.message))
  return { ...(usage && { usage }), ...(nativeUsage && { nativeUsage }), ...(typeof finish === 'string' && { finish }), natural }
}

function modelsIn(identity: Identity, body: Uint8Array): Model[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const list = objectIn(identity, text)
  if (list.error) throw reported(identity, text)
  const models = new Map<string, Model>()
  for (const entry of Array.isArray(list.data) ? (list.data as unknown[]) : []) {
    if (!isRecord(entry) || typeof entry.id !== 'string' || entry.id === '' || models.has(entry.id)) continue
    const created = typeof entry.created === 'number' && Number.isFinite(entry.created) ? Math.trunc(entry.created) : 0
    models.set(entry.id, { id: entry.id, created, ownedBy: typeof entry.owned_by === 'string' ? entry.owned_by : identity.type })
  }
  return [...models.values()]
}

function objectIn({ name: provider }: Identity, text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What it is instead is judged below.
  }
  if (isRecord(value)) return value
  throw new ProviderError('transport', 'provider_failed', `${provider} gave an answer that is not a JSON object`, { provider })
}
