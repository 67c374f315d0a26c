import type { ChatApi, Identity, Model, Provider } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { hubAnswer, textOf } from './answer.ts'
import { objectIn, refusedBy } from './error.ts'
import { callHeaders, providerHeaders } from './headers.ts'
import { countCall, nativeCall } from './native.ts'
import { messagesRequest } from './request.ts'
import { MessagesHubStream } from './stream.ts'

/** More than there are: one page holds them all. */
const MODELS_PER_PAGE = 1000

/** Anthropic's Messages API. */
export function anthropicProvider(identity: Identity): Provider {
  const prefix = prefixOf(identity)
  const messages = `${prefix}/messages`
  return {
    headers: providerHeaders(identity),
    native: {
      messages: (body, request, changes) => nativeCall(identity, messages, { body, request, changes }),
      count_tokens: (body, request, changes) => countCall(identity, `${messages}/count_tokens`, { body, request, changes }),
    },
    chat: chatApi(identity, messages),
    error: refusal => refusedBy(identity, refusal),
    modelsPath: `${prefix}/models?limit=${MODELS_PER_PAGE}`,
    models: body => modelsIn(identity, body),
  }
}

const chatApi = (identity: Identity, path: string): ChatApi => ({
  begin: (chat, request, changes) => {
    const { body, betas, answerTool } = messagesRequest(identity, chat, { request, changes })
    return {
      path,
      body: Buffer.from(JSON.stringify(body)),
      headers: callHeaders(request, betas),
      answer: bytes => hubAnswer(identity, bytes, answerTool),
      reader: () => new MessagesHubStream(identity, answerTool),
    }
  },
})

/** An address without a path, as Anthropic's own tools want it, stands for version 1. */
const prefixOf = ({ baseUrl }: Identity): string => ((URL.parse(baseUrl)?.pathname ?? '/') === '/' ? '/v1' : '')

function modelsIn(identity: Identity, body: Uint8Array): Model[] {
  const { data } = objectIn(identity, textOf(body))
  const models = new Map<string, Model>()
  for (const entry of Array.isArray(data) ? (data as unknown[]) : []) {
    if (!isRecord(entry) || typeof entry.id !== 'string' || entry.id === '' || models.has(entry.id)) continue
    const seconds = Math.trunc(Date.parse(String(entry.created_at)) / 1000)
    models.set(entry.id, { id: entry.id, created: Number.isFinite(seconds) ? Math.max(0, seconds) : 0, ownedBy: identity.type })
  }
  return [...models.values()]
}
