import { type Usage, inputTokens, outputTokens } from '@gomodel/contracts'
import type { HubChunk } from '../hub/hub.ts'
import { readChat } from '../hub/read-chat.ts'
import type { Dialect, DialectWriter, End, GenerateRequest } from '../provider.ts'

const DONE = 'data: [DONE]\n\n'

/** OpenAI's chat at a provider that has another API: the hub itself. */
export const chatDialect: Dialect = {
  begin: (body, request) => ({
    chat: readChat(body),
    answer: ({ completion, end }) => Buffer.from(JSON.stringify({ ...completion, ...(end.usage && { usage: chatUsage(end.usage) }) })),
    writer: () => new ChatWriter(request),
  }),
}

class ChatWriter implements DialectWriter {
  readonly #includeUsage: boolean
  #last: HubChunk | undefined

  constructor({ includeUsage }: GenerateRequest) {
    this.#includeUsage = includeUsage
  }

  chunk(chunk: HubChunk): Uint8Array {
    this.#last = chunk
    return event(chunk)
  }

  close({ usage }: End): Uint8Array {
    const last = this.#last
    if (!last || !usage || !this.#includeUsage) return Buffer.from(DONE)
    const { id, object, created, model } = last
    return Buffer.concat([event({ id, object, created, model, choices: [], usage: chatUsage(usage) }), Buffer.from(DONE)])
  }
}

const event = (chunk: HubChunk): Uint8Array => Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)

/** Usage as OpenAI's chat says it: what came from a cache is part of the prompt, what was thought part of the completion. */
export function chatUsage(usage: Usage) {
  const prompt = inputTokens(usage)
  const completion = outputTokens(usage)
  const written = usage.inputCacheWrite5m + usage.inputCacheWrite1h
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: usage.inputCacheRead, audio_tokens: usage.inputAudio, ...(written > 0 && { cache_creation_tokens: written }) },
    completion_tokens_details: { reasoning_tokens: usage.outputReasoning, audio_tokens: usage.outputAudio },
  }
}
