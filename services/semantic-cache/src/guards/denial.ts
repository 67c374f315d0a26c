import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Whether a word of a text is turned into its opposite: "not open", "spend less", "avoid gaining". */
export function isTurned({ tokens }: Prepared, token: Token): boolean {
  const at = tokens.indexOf(token)
  for (let back = at - 1; back >= 0 && at - back <= REACH; back -= 1) {
    const before = tokens[back]!
    if (before.ends || before.pauses) return false
    if (TURNING.has(before.word.stem)) return true
    if (!before.word.stop && !before.word.light) break
  }
  return FEWER.has(tokens[at + 1]?.word.text ?? '')
}

const REACH = 3
const FEWER = new Set(['less', 'fewer'])
const TURNING = new Set(['not', 'les', 'fewer', 'avoid', 'stop', 'prevent', 'quit', 'decreas', 'reduc'])
