/** What a guard says of two questions: which guard it was that takes them for different ones. */
export type Veto = (stored: string) => string | undefined

/** One of those that were found near. */
export interface Near {
  readonly text: string
  /** Cosine, from -1 to 1. */
  readonly score: number
  /** How similar a question has to be that is not its own, where somebody said that it was wrong for one. */
  readonly minimum?: number
}

export interface Policy {
  /** `strict` wants nearly the same words besides. */
  readonly mode: 'static' | 'strict' | 'shadow'
  readonly threshold: number
}

export interface Decision<N extends Near> {
  /** The nearest that may answer. */
  readonly chosen: N | undefined
  /** What the guards said of those nearer, and `limit` for one that is not to answer a question so far away. */
  readonly vetoes: readonly string[]
  /** One was nearly similar enough. */
  readonly near: boolean
}

// So little below the threshold a question is worth being counted.
const NEARLY = 0.05

/** Walks down the neighbours, best first, to the first that is similar enough, passes every guard, and is near enough by its own limit. */
export function decide<N extends Near>(asked: string, neighbours: readonly N[], { policy, veto }: { policy: Policy; veto: Veto }): Decision<N> {
  const vetoes: string[] = []
  for (const neighbour of neighbours) {
    if (neighbour.score < policy.threshold) return { chosen: undefined, vetoes, near: neighbour.score >= policy.threshold - NEARLY }
    const guard = policy.mode === 'strict' && plain(neighbour.text) !== plain(asked) ? 'strict' : veto(neighbour.text)
    const reason = guard ?? (isBeyond(asked, neighbour) ? 'limit' : undefined)
    if (reason === undefined) return { chosen: neighbour, vetoes, near: false }
    vetoes.push(reason)
  }
  return { chosen: undefined, vetoes, near: false }
}

/** Its own words are always near enough, whatever rounding makes of their similarity. */
const isBeyond = (asked: string, { text, score, minimum = 0 }: Near): boolean => score < minimum && text !== asked

const FILLERS = new Set(['a', 'an', 'the', 'please', 'pls', 'kindly', 'hi', 'hello', 'hey', 'thanks', 'thank', 'you'])

/** The words of a text without its manners. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '' && !FILLERS.has(word))
    .join(' ')
