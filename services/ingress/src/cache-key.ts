import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { canonicalMembers, objectOf, type Member } from './canonical-json.ts'
import type { Target } from './catalog.ts'

/** What an answer may depend on. */
export interface ExactQuestion {
  /** Whose answers may be shared. */
  readonly tenant: string
  readonly endpoint: string
  /** Where the request goes, whatever name the client used for it. */
  readonly target: Target
  /** A hash of the policy that applied; empty when none did. */
  readonly policy: string
  /** The request body, which has been found to be a JSON object. */
  readonly bytes: Buffer
}

// Told anew when the same request shall get another key.
const VERSION = 'exact-1'

/** Members that do not shape the answer: the target stands for the model, and the rest says how it is sent and what the provider keeps ready. */
const NOT_IN_KEY = new Set(['model', 'stream', 'prompt_cache_key', 'prompt_cache_retention'])
const NOT_IN_KEY_OF_STREAM_OPTIONS = new Set(['include_usage'])

/**
 * SHA-256 as base64url of all that may shape the answer to a request: everything in it but a short list, so that what is unknown separates.
 * Undefined when the body has no canonical form: it is not UTF-8, or nested more than 1000 deep.
 */
export function exactKey(question: ExactQuestion): string | undefined {
  const request = canonicalRequest(question)
  return request && hash('sha256', `${request.asked}${objectOf(request.members)}`, 'base64url')
}

/** What makes two requests the same: whose they are and where they go, and the canonical members of the body that may shape the answer. */
export function canonicalRequest({ tenant, endpoint, target, policy, bytes }: ExactQuestion): { asked: string; members: readonly Member[] } | undefined {
  // Decoded, all bytes that are no UTF-8 look the same.
  const members = isUtf8(bytes) ? canonicalMembers(bytes.toString()) : undefined
  if (!members) return undefined
  const asked = JSON.stringify([VERSION, tenant, endpoint, target.instance, target.model, policy])
  const kept = without(members, NOT_IN_KEY)
  return { asked, members: kept.some(isStreamOptions) ? kept.flatMap(streamOptions) : kept }
}

/** A member that is there twice stays: readers may differ about which one counts. */
function without(members: readonly Member[], names: ReadonlySet<string>): Member[] {
  return members.filter(({ name }, index) => !names.has(name) || members[index - 1]?.name === name || members[index + 1]?.name === name)
}

const isStreamOptions = ({ name }: Member): boolean => name === 'stream_options'

function streamOptions(member: Member): Member[] {
  if (!isStreamOptions(member)) return [member]
  const options = canonicalMembers(member.text.slice(STREAM_OPTIONS.length))
  if (!options) return [member]
  const kept = without(options, NOT_IN_KEY_OF_STREAM_OPTIONS)
  return kept.length === 0 ? [] : [{ ...member, text: `${STREAM_OPTIONS}${objectOf(kept)}` }]
}

const STREAM_OPTIONS = '"stream_options":'
