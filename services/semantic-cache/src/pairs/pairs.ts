import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** Two texts that may share one answer, or may not. */
export interface Pair {
  readonly a: string
  readonly b: string
  /** Whether an answer to one is an answer to the other. */
  readonly same: boolean
  /** What the pair tries: a paraphrase, or the kind of trap. */
  readonly kind: string
  /** Earlier messages of either side, where the same last message means two things. */
  readonly contexts?: readonly [readonly string[], readonly string[]]
}

/** Rules are made on one half and judged on the other; a hash of the pair says which it belongs to. */
export type Half = 'tune' | 'final'

/** Our labelled pairs of one half. */
export function pairsOf(half: Half): readonly Pair[] {
  return PAIRS.filter(pair => halfOf(pair) === half)
}

function halfOf({ a, b, contexts }: Pair): Half {
  const digest = createHash('sha256').update(JSON.stringify([a, b, contexts ?? null])).digest()
  return digest[0]! % 2 === 0 ? 'tune' : 'final'
}

type Row = readonly [a: string, b: string] | { readonly text: string; readonly contexts: readonly [readonly string[], readonly string[]] }

function read(file: string): readonly Pair[] {
  const kind = file.replace('.json', '')
  const rows = JSON.parse(readFileSync(new URL(file, DATA), 'utf8')) as readonly Row[]
  return rows.map(row => ('text' in row
    ? { a: row.text, b: row.text, same: false, kind, contexts: row.contexts }
    : { a: row[0], b: row[1], same: kind === 'paraphrase', kind }))
}

const DATA = new URL('./data/', import.meta.url)
const PAIRS = readdirSync(DATA).sort().flatMap(read)
