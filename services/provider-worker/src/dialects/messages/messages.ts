import type { Dialect } from '../../provider.ts'
import { MessageWriter } from './message-writer.ts'
import { readMessages } from './read-request.ts'
import { wholeMessage } from './whole-message.ts'
import { messageUsage } from './wire.ts'

/** Anthropic's Messages API at a provider that has another API. */
export const messagesDialect: Dialect = {
  begin: (body, request, changes) => ({
    ...readMessages(body, changes),
    usage: messageUsage,
    answer: answer => wholeMessage(answer, request),
    writer: () => new MessageWriter(request),
  }),
}
