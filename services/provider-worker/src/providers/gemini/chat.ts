import type { ChatApi, Identity } from '../../provider.ts'
import { GeminiStream } from './stream.ts'
import { factsOf } from './model-facts.ts'
import { bareName } from './model-list.ts'
import { requestBodyOf } from './request-body.ts'
import { wholeAnswer } from './whole-answer.ts'

/** Gemini's own `generateContent`, asked and read in the words of the hub. */
export const geminiChat = (identity: Identity): ChatApi => ({
  begin: (chat, request, changes) => {
    const model = bareName(request.model)
    const facts = factsOf(bareName(identity.modelOptions?.get(request.model)?.baseModel ?? model))
    const verb = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    return {
      path: `/models/${encodeURIComponent(model)}:${verb}`,
      body: Buffer.from(JSON.stringify(requestBodyOf(chat, facts, changes))),
      answer: body => wholeAnswer(identity, request, body),
      reader: () => new GeminiStream(identity, request, chat.n ?? 1),
    }
  },
})
