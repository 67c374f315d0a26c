import type { Pair } from '../../services/semantic-cache/src/pairs/pairs.ts'

/** What a text of the labelled pairs means, as a name: texts of one paraphrase have the same, also where they meet in several pairs. */
export function meaningsOf(pairs: readonly Pair[]): (text: string) => string {
  const parents = new Map<string, string>()
  const rootOf = (text: string): string => {
    const parent = parents.get(text)
    return parent === undefined ? text : rootOf(parent)
  }
  for (const { a, b, same } of pairs) {
    const [one, other] = [rootOf(a), rootOf(b)]
    if (same && one !== other) parents.set(one, other)
  }
  return rootOf
}
