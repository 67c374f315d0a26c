import type { HubMessage, HubRequest } from '../../hub/hub.ts'
import type { Changes } from '../../hub/changes.ts'
import { CONVERSATION, clientHeaders } from './client-headers.ts'
import type { ChatApi, GenerateRequest, HubCall, Identity } from '../../provider.ts'
import type { RulesOfModel } from '../rules.ts'
import { applyRules } from '../rules/apply.ts'
import { ObjectMembers } from '../rules/members.ts'
import { hubAnswer } from './hub-answer.ts'
import { ChatHubReader } from './hub-reader.ts'
import { withShownResults, withoutExtensions } from './hub-request.ts'
import { CHAT_PATH } from './native-chat.ts'
import { choicesAsked } from './progress.ts'

/** The chat of OpenAI's dialect for clients that speak another one. */
export const openAiChat = (identity: Identity, rulesOf: (model: string) => RulesOfModel): ChatApi => ({
  begin(chat, request, changes): HubCall {
    const asked = askedOf(chat, request, { identity, rules: rulesOf(request.model), changes })
    const headers = clientHeaders(identity, request, conversationIn(identity, asked))
    return {
      path: CHAT_PATH,
      body: Buffer.from(JSON.stringify(asked)),
      ...(headers.length > 0 && { headers }),
      answer: body => hubAnswer(identity, request, body),
      reader: () => new ChatHubReader(identity, request, () => choicesAsked(asked.n)),
    }
  },
})

function askedOf(chat: HubRequest, { model, stream }: GenerateRequest, { identity, rules, changes }: { identity: Identity; rules: RulesOfModel; changes: Changes }): Record<string, unknown> {
  const { stream: _, stream_options: __, ...rest } = withoutExtensions(chat, rules, changes)
  const asked: Record<string, unknown> = { ...rest, ...rules.add, model }
  applyRules(rules, { members: new ObjectMembers(asked), changes, provider: identity.name })
  asked.messages = withShownResults(asked.messages as readonly HubMessage[])
  if (!stream) return asked
  return { ...asked, stream: true, ...(!rules.omitsStreamOptions && { stream_options: { include_usage: true } }) }
}

/** What tells a conversation, where the provider is told of it. */
function conversationIn({ type }: Identity, asked: Readonly<Record<string, unknown>>): ReadonlyMap<string, Uint8Array> {
  if (type !== 'xai') return new Map()
  return new Map([...CONVERSATION].filter(name => asked[name] !== undefined).map(name => [name, Buffer.from(JSON.stringify(asked[name]))]))
}
