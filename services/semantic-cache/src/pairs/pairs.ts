import { existsSync, readdirSync, readFileSync } from 'node:fs'

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

/** Rules are made on `tune`, the pairs of `data/`, and judged on `final`, those of `held-out/`, which nobody looks at while making them. */
export type Half = 'tune' | 'final'

/** Our labelled pairs of one half. */
export function pairsOf(half: Half): readonly Pair[] {
  return PAIRS[half]
}

function pairsIn(folder: URL): readonly Pair[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter(file => file.endsWith('.json')).sort().flatMap(file => read(folder, file))
}

type Row = readonly [a: string, b: string] | { readonly text: string; readonly contexts: readonly [readonly string[], readonly string[]] }

function read(folder: URL, file: string): readonly Pair[] {
  const kind = file.replace('.json', '')
  const rows = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Row[]
  return rows.map(row => ('text' in row
    ? { a: row.text, b: row.text, same: false, kind, contexts: row.contexts }
    : { a: row[0], b: row[1], same: kind === 'paraphrase', kind }))
}

const PAIRS: Readonly<Record<Half, readonly Pair[]>> = { tune: pairsIn(new URL('./data/', import.meta.url)), final: pairsIn(new URL('./held-out/', import.meta.url)) }
