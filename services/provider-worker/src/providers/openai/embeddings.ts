import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import { type Change, type Members, elementsOf, membersOf, withMembersSeen } from '../../json-fields.ts'
import { type End, type Identity, type NativeApi, ProviderError } from '../../provider.ts'
import { isRecord, nativeUsageOf, usageOf } from '../usage.ts'
import { answerIn, isFault, noAnswer, objectIn } from './answer.ts'
import { reported } from './error.ts'
import { type Encoding, encodingIn, inEncoding } from './vectors.ts'

/** What a provider makes of the parameters of embeddings; everything else passes. */
interface EmbeddingRules {
  /** How many inputs one request may have. */
  readonly most?: number
  readonly drop?: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
  /** It refuses `encoding_format`: what was asked for is made of its numbers here. */
  readonly numbersOnly?: boolean
}

const RULES: Readonly<Record<string, EmbeddingRules>> = {
  openai: { most: 2048 },
  azure: { most: 2048 },
  mistral: { most: 256, rename: { dimensions: 'output_dimension' }, drop: ['user'], numbersOnly: true },
  cohere: { most: 96, drop: ['user'] },
  zai: { most: 64, drop: ['user'], numbersOnly: true },
}

const PATH = '/embeddings'
const OPEN_ARRAY = 0x5b
const ASKED: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format'])
const ANSWERED: ReadonlySet<string> = new Set(['data', 'usage', 'error', 'base_resp'])

/** Embeddings for clients of the same dialect. Vectors come as the client asked for them, as numbers or in base64, whatever the provider knows. */
export function nativeEmbeddings(identity: Identity): NativeApi {
  const rules = RULES[identity.type] ?? {}
  const names = new Set([...ASKED, ...(rules.drop ?? []), ...Object.keys(rules.rename ?? {})])
  return (body, { model }, changes) => {
    let wanted: Encoding = 'float'
    const sent = withMembersSeen(body, names, present => {
      wanted = textOf(present.get('encoding_format')) === '"base64"' ? 'base64' : 'float'
      limitInputs(identity, rules, present)
      return new Map<string, Change>([['model', () => Buffer.from(JSON.stringify(model))], ...ruled(rules, present, changes)])
    })
    return {
      path: PATH,
      body: sent,
      answer: bytes => {
        const { data, end } = read(identity, bytes)
        const encoding = encodingIn(data)
        return { bytes: encoding === undefined || encoding === wanted ? bytes : inEncoding(answerIn(identity, bytes), wanted), end }
      },
      reader: () => {
        throw new ProviderError('protocol', 'internal', 'internal error', { cause: new Error('embeddings are no stream') })
      },
    }
  }
}

/** Refused rather than cut into several requests: one of those may fail after others were paid for. */
function limitInputs({ name: provider }: Identity, { most }: EmbeddingRules, present: Members): void {
  const input = present.get('input')
  if (most === undefined || !input) return
  const inputs = elementsOf(input, most + 1)
  // A list of numbers is one input, in tokens.
  const isTokens = inputs[0] !== undefined && /^[-\d]/.test(textOf(inputs[0].subarray(0, 1)))
  if (isTokens || inputs.length <= most) return
  throw new GatewayError('unsupported', `${provider} takes at most ${most} inputs in one request`, { param: 'input', provider })
}

function ruled({ drop = [], rename = {}, numbersOnly }: EmbeddingRules, present: Members, changes: Changes): [string, Change][] {
  const edits: [string, Change][] = []
  const given = (name: string): boolean => present.has(name)
  for (const name of drop.filter(given)) {
    edits.push([name, () => undefined])
    if (textOf(present.get(name)) !== 'null') changes.dropped(name)
  }
  for (const [name, to] of Object.entries(rename)) {
    if (!given(name)) continue
    edits.push([name, current => current && { name: to, value: current }])
    changes.renamed(name, to)
  }
  if (numbersOnly && given('encoding_format')) edits.push(['encoding_format', () => undefined])
  return edits
}

interface Read {
  readonly data: Uint8Array
  readonly end: End
}

/** Without reading the vectors, which are most of the answer. Throws when it is none. */
function read(identity: Identity, body: Uint8Array): Read {
  const { data, said } = lookedAt(identity, body)
  if (isFault(said)) throw reported(identity, textOf(body))
  if (!data || data[0] !== OPEN_ARRAY) throw noAnswer(identity, textOf(body), 'without data')
  const usage = usageOf(isRecord(said.usage) ? { prompt_tokens: said.usage.total_tokens, ...said.usage } : undefined)
  const nativeUsage = nativeUsageOf(said.usage)
  return { data, end: { ...(usage && { usage }), ...(nativeUsage && { nativeUsage }), natural: true } }
}

function lookedAt(identity: Identity, body: Uint8Array): { data: Uint8Array | undefined; said: Readonly<Record<string, unknown>> } {
  try {
    const { data, ...rest } = Object.fromEntries(membersOf(body, ANSWERED))
    return { data, said: Object.fromEntries(Object.entries(rest).map(([name, bytes]) => [name, JSON.parse(textOf(bytes)) as unknown])) }
  } catch {
    return { data: undefined, said: objectIn(identity, textOf(body)) }
  }
}

const textOf = (bytes: Uint8Array | undefined): string => (bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString() : '')
