import { decide, type Veto } from '../../services/semantic-cache/src/decide.ts'
import { guardsFor } from '../../services/semantic-cache/src/guards/index.ts'
import { lastOfChat } from '../../services/ingress/src/semantic/last-turn.ts'
import { partitionOf } from '../../services/ingress/src/semantic/partition.ts'
import { hashedNgrams } from '../../services/provider-worker/src/simulator/hashed-ngrams.ts'
import type { Request } from './stream.ts'

/** One way to decide what is a hit. */
export interface Policy {
  readonly name: string
  /** Undefined: only the same words are. */
  readonly threshold: number | undefined
  readonly guards: boolean
}

export const POLICIES: readonly Policy[] = [
  { name: 'exact only', threshold: undefined, guards: false },
  { name: 'static 0.92, no guards', threshold: 0.92, guards: false },
  { name: 'static 0.80, no guards', threshold: 0.8, guards: false },
  { name: 'ours 0.92 (default)', threshold: 0.92, guards: true },
  { name: 'ours 0.80', threshold: 0.8, guards: true },
]

/** What came of a stream under a policy. */
export interface Outcome {
  readonly requests: number
  readonly exactHits: number
  readonly semanticHits: number
  /** Hits whose answer is that to another question. */
  readonly wrong: number
  /** Wrong ones among requests that a trap put there. */
  readonly wrongAtTraps: number
  /** Tokens of the answers that were right and did not have to be made, and of all. */
  readonly savedTokens: number
  readonly allTokens: number
}

/** As many as the layer asks its store for. */
const NEIGHBOURS = 8
/** Of the simulator's model. */
const DIMENSIONS = 512

interface Entry {
  readonly text: string
  readonly meaning: string
  readonly vector: Float32Array
}

/** Lets requests come one after the other: who finds nothing is answered and kept, as the gateway does it. */
export function played(requests: readonly Request[], policy: Policy, vectorOf: (text: string) => Float32Array): Outcome {
  const partitions = new Map<string, { exact: Map<string, string>; entries: Entry[] }>()
  const tally = { requests: requests.length, exactHits: 0, semanticHits: 0, wrong: 0, wrongAtTraps: 0, savedTokens: 0, allTokens: 0 }
  for (const request of requests) {
    const { text, meaning, trap } = request
    const partition = partitionFor(request)
    const known = partitions.get(partition) ?? { exact: new Map<string, string>(), entries: [] }
    partitions.set(partition, known)
    const tokens = tokensOf(text, meaning)
    tally.allTokens += tokens
    const exact = known.exact.get(text)
    const found = exact ?? nearest(known.entries, { text, vector: vectorOf(text) }, policy)?.meaning
    if (found === undefined) {
      known.exact.set(text, meaning)
      known.entries.push({ text, meaning, vector: vectorOf(text) })
      continue
    }
    if (exact === undefined) tally.semanticHits++
    else tally.exactHits++
    if (found === meaning) tally.savedTokens += tokens
    else {
      tally.wrong++
      if (trap) tally.wrongAtTraps++
    }
  }
  return tally
}

function nearest(entries: readonly Entry[], asked: { text: string; vector: Float32Array }, { threshold, guards }: Policy): Entry | undefined {
  if (threshold === undefined) return undefined
  const neighbours = entries
    .map(entry => ({ text: entry.text, entry, score: cosine(asked.vector, entry.vector) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, NEIGHBOURS)
  const veto: Veto = guards ? guardsFor(asked.text) : () => undefined
  return decide(asked.text, neighbours, { policy: { mode: 'static', threshold }, veto }).chosen?.entry
}

/** The partition that the ingress gives to such a chat; its tenant is told in `metadata`, since the gateway has one tenant. */
function partitionFor({ text, place: { tenant, before } }: Request): string {
  const turns = before.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }))
  const chat = { model: 'gpt', metadata: { tenant }, messages: [...turns, { role: 'user', content: text }] }
  const turn = lastOfChat(chat)
  const partition = turn && partitionOf({ tenant: '', endpoint: 'chat', target: { instance: 'openai', model: 'gpt' }, policy: '', bytes: Buffer.from(JSON.stringify(chat)) }, turn)
  if (partition === undefined) throw new Error(`not to be looked up by meaning: ${text}`)
  return partition
}

/** Vectors of the bundled stand-in, each made once. */
export function standIn(): (text: string) => Float32Array {
  const known = new Map<string, Float32Array>()
  return text => {
    const vector = known.get(text) ?? hashedNgrams(text, DIMENSIONS)
    known.set(text, vector)
    return vector
  }
}

/** Both have length 1. */
function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

/** Four characters a token for the question; its answer has 50 to 449, the same for every wording. */
function tokensOf(text: string, meaning: string): number {
  let mixed = 0
  for (let at = 0; at < meaning.length; at++) mixed = (Math.imul(mixed, 31) + meaning.charCodeAt(at)) >>> 0
  return Math.ceil(text.length / 4) + 50 + (mixed % 400)
}
