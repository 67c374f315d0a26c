import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when one text is denied and the other is not ("not", "never", "without", "unsafe"); a double denial is none. */
export function negation({ asked, stored }: Comparison): boolean {
  return denials(asked) % 2 !== denials(stored) % 2
}

const denials = ({ tokens }: Prepared): number => tokens.filter(({ word }) => word.text === 'not').length
