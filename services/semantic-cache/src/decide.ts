/** What a guard says of two questions: which guard it was that takes them for different ones. */
export type Veto = (stored: string) => string | undefined

/** One of those that were found near. */
export interface Near {
  readonly text: string
  /** Cosine, from -1 to 1. */
  readonly score: number
}

export interface Policy {
  /** `strict` wants nearly the same words besides. */
  readonly mode: 'static' | 'strict' | 'shadow'
  readonly threshold: number
}

export interface Decision<N extends Near> {
  /** The nearest that may answer. */
  readonly chosen: N | undefined
  /** What the guards said of those nearer. */
  readonly vetoes: readonly string[]
  /** One was nearly similar enough. */
  readonly near: boolean
}

// So little below the threshold a question is worth being counted.
const NEARLY = 0.05

/** Walks down the neighbours, best first, to the first that is similar enough and passes every guard. */
export function decide<N extends Near>(asked: string, neighbours: readonly N[], { policy, veto }: { policy: Policy; veto: Veto }): Decision<N> {
  const vetoes: string[] = []
  for (const neighbour of neighbours) {
    if (neighbour.score < policy.threshold) return { chosen: undefined, vetoes, near: neighbour.score >= policy.threshold - NEARLY }
    const reason = policy.mode === 'strict' && plain(neighbour.text) !== plain(asked) ? 'strict' : veto(neighbour.text)
    if (reason === undefined) return { chosen: neighbour, vetoes, near: false }
    vetoes.push(reason)
  }
  return { chosen: undefined, vetoes, near: false }
}

const FILLERS = new Set(['a', 'an', 'the', 'please', 'pls', 'kindly', 'hi', 'hello', 'hey', 'thanks', 'thank', 'you'])

/** The words of a text without its manners. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '' && !FILLERS.has(word))
    .join(' ')
