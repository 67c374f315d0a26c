import { identifierOf } from './identifier.ts'
import { numeralOf } from './numeral.ts'
import { table } from './table.ts'
import { tokenOf, type Token } from './token.ts'
import { wordOf } from './word.ts'

/** Reads what stands between two blanks: words with their spelling variants resolved, numbers, dates, identifiers. */
export function tokensOf(chunk: string): readonly Token[] {
  const known = MEMO.get(chunk)
  if (known) return known
  const tokens = read(chunk)
  if (chunk.length > LONGEST_KEPT) return tokens
  if (MEMO.size >= MOST_CHUNKS) MEMO.clear()
  MEMO.set(chunk, tokens)
  return tokens
}

function read(chunk: string): readonly Token[] {
  const [, , core = '', tail = ''] = EDGES.exec(chunk) ?? []
  if (core === '') return []
  const tokens = whole(core)
  const last = tokens.at(-1)
  if (!last || tail === '') return tokens
  return [...tokens.slice(0, -1), { ...last, ends: /[.?!]/.test(tail), pauses: /[,;:)]/.test(tail) }]
}

function whole(core: string): readonly Token[] {
  if (core === 'US') return [tokenOf('usa', shape(core))]
  const variant = VARIANTS.get(core.toLowerCase())
  if (variant !== undefined) return variant.flatMap((text, at) => text === '' ? [] : [tokenOf(text, at === 0 ? shape(core) : {})])
  const numeral = numeralOf(core)
  if (numeral) return numeral
  const identifier = identifierOf(core)
  // "YouTube" is a name that people spell in many ways
  if (identifier && wordOf(core.toLowerCase()).name) return [tokenOf(core.toLowerCase(), shape(core))]
  if (identifier) return [tokenOf(identifier.toLowerCase(), { kind: 'code', value: identifier })]
  return core.split(BREAKS).flatMap(part => part === '' ? [] : part === core ? word(part) : whole(part))
}

function word(part: string): readonly Token[] {
  if (IDEOGRAPHS.test(part)) return [...part].map(letter => tokenOf(letter))
  const text = part.toLowerCase()
  const clitic = CLITIC.exec(text)
  if (clitic) return contraction(clitic[1]!, clitic[2]!, part)
  return [tokenOf(text.replaceAll("'", ''), shape(part))]
}

/** "France's" is France; "what's" is "what is"; "isn't" is "is not". */
function contraction(head: string, ending: string, part: string): readonly Token[] {
  const first = tokenOf(head, shape(part.slice(0, head.length)))
  if (ending === "n't") return [first, tokenOf('not')]
  if (ending === "'s" && HAS_A_VERB.has(head)) return [first, tokenOf('is')]
  const verb = VERBS.get(ending)
  return verb === undefined ? [first] : [first, tokenOf(verb)]
}

function shape(part: string): Pick<Token, 'capital' | 'upper'> {
  return { capital: /^\p{Lu}/u.test(part), upper: part.length > 1 && /^[\p{Lu}.&]+$/u.test(part) }
}

const EDGES = /^([("'[{<*_]*)(.*?)([)"'\]}>*_,.;:!?]*)$/s
const BREAKS = /[-/_,;:()"&+|=.!?<>[\]{}*\u2026]+/
const CLITIC = /^(.+?)(n't|'s|'re|'ve|'ll|'d|'m|s')$/
const HAS_A_VERB = new Set(['what', 'who', 'where', 'when', 'how', 'why', 'that', 'there', 'it', 'he', 'she', 'here'])
const VERBS = new Map([["'re", 'are'], ["'ve", 'have'], ["'ll", 'will'], ["'m", 'am'], ["'d", 'would']])
const IDEOGRAPHS = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]/

const VARIANTS = new Map([...table<string[]>('variants'), ...table<string[]>('negated')].map(row => {
  const at = row.indexOf('=', 1)
  return [row.slice(0, at), row.slice(at + 1).split(' ')] as const
}))

/** Longer chunks are mostly links and hashes, which do not come back. */
const LONGEST_KEPT = 40
const MOST_CHUNKS = 20_000
const MEMO = new Map<string, readonly Token[]>()
