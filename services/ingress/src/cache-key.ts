import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { canonicalMembers, objectOf, type Member } from './canonical-json.ts'
import type { Target } from './catalog.ts'
import type { Reading } from './readings.ts'

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
const VERSION = 'exact-2'

/** Members that do not shape the answer: the target stands for the model, and the rest says how it is sent. What names a prompt cache does: responses repeat it. */
const NOT_IN_KEY = new Set(['model', 'stream'])
const NOT_IN_KEY_OF_STREAM_OPTIONS = new Set(['include_usage'])
/** A longer `asked`, with headers of many kilobytes in its policy, is not remembered: what a reading takes is counted beforehand. */
const LONGEST_ASKED = 512

/**
 * SHA-256 as base64url of all that may shape the answer to a request: everything in it but a short list, so that what is unknown separates.
 * Undefined when the body has no canonical form: it is not UTF-8, or nested more than 1000 deep. `reading` is that of the same bytes, and remembers the key.
 */
export function exactKey(question: ExactQuestion, reading?: Reading): string | undefined {
  const asked = askedOf(question)
  if (reading?.keyed?.asked === asked) return reading.keyed.key
  const members = canonicalBody(question.bytes)
  const key = members && hash('sha256', `${asked}${objectOf(members)}`, 'base64url')
  if (reading && asked.length <= LONGEST_ASKED) reading.keyed = { asked, key }
  return key
}

/** What makes two requests the same: whose they are and where they go, and the canonical members of the body that may shape the answer. */
export function canonicalRequest(question: ExactQuestion): { asked: string; members: readonly Member[] } | undefined {
  const members = canonicalBody(question.bytes)
  return members && { asked: askedOf(question), members }
}

const askedOf = ({ tenant, endpoint, target, policy }: ExactQuestion): string => JSON.stringify([VERSION, tenant, endpoint, target.instance, target.model, policy])

function canonicalBody(bytes: Buffer): readonly Member[] | undefined {
  // Decoded, all bytes that are no UTF-8 look the same.
  const members = isUtf8(bytes) ? canonicalMembers(bytes.toString()) : undefined
  if (!members) return undefined
  const kept = without(members, NOT_IN_KEY)
  return kept.some(isStreamOptions) ? kept.flatMap(streamOptions) : kept
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
