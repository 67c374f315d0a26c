import { type Change, type Members, membersOf, withMembers, withMembersSeen } from '../../json-fields.ts'
import type { GenerateRequest, Identity, NativeApi } from '../../provider.ts'
import type { RulesOfModel } from '../rules.ts'
import { applyRules } from '../rules/apply.ts'
import { ByteMembers } from '../rules/members.ts'
import { endOf } from './answer.ts'
import { CONVERSATION, clientHeaders } from './client-headers.ts'
import { choicesAsked } from './progress.ts'
import { ChatStream } from './stream.ts'

export const CHAT_PATH = '/chat/completions'

const INCLUDE_USAGE = new Map([['include_usage', () => Buffer.from('true')]])
const CHOICES = new Set(['n'])
const OPEN_OBJECT = 0x7b

/** Chat for clients of the same dialect: the bytes pass as they are but for the model's name and what the rules demand. */
export function nativeChat(identity: Identity, rulesOf: (model: string) => RulesOfModel): NativeApi {
  const watched = identity.type === 'xai' ? CONVERSATION : new Set<string>()
  return (body, request, changes) => {
    const rules = rulesOf(request.model)
    let seen: Members = new Map()
    const fixed = ownChanges(request, rules)
    const decide = (present: Members): ReadonlyMap<string, Change> => {
      seen = present
      const members = new ByteMembers(present)
      applyRules(rules, { members, changes, provider: identity.name })
      return members.changes.size === 0 ? fixed : new Map([...members.changes, ...fixed])
    }
    const names = new Set([...rules.names, ...watched])
    const sent = names.size === 0 ? withMembers(body, fixed) : withMembersSeen(body, new Set([...names, ...fixed.keys()]), decide)
    const headers = clientHeaders(identity, request, seen)
    return {
      path: CHAT_PATH,
      body: sent,
      ...(headers.length > 0 && { headers }),
      answer: bytes => ({ bytes, end: endOf(identity, bytes) }),
      reader: () => new ChatStream(identity, request, () => choicesIn(sent)),
    }
  }
}

/** The model's upstream name; and a stream is always asked for its usage, for the sake of the books. */
function ownChanges({ model, stream }: GenerateRequest, { omitsStreamOptions }: RulesOfModel): Map<string, Change> {
  const changes = new Map<string, Change>([['model', () => Buffer.from(JSON.stringify(model))]])
  if (stream && !omitsStreamOptions) changes.set('stream_options', withUsage)
  return changes
}

/** From the bytes that were sent, in which the rules may have left `n` out. */
function choicesIn(sent: Uint8Array): number {
  const n = membersOf(sent, CHOICES).get('n')
  return choicesAsked(n && JSON.parse(Buffer.from(n).toString()))
}

const withUsage = (current: Uint8Array | undefined): Uint8Array =>
  withMembers(current?.[0] === OPEN_OBJECT ? current : Buffer.from('{}'), INCLUDE_USAGE)
