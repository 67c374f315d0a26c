import { alternatives } from './alternatives.ts'
import { antonyms } from './antonyms.ts'
import { code } from './code.ts'
import { compare, type Comparison } from './comparison.ts'
import { dates } from './dates.ts'
import { direction } from './direction.ts'
import { entities } from './entities.ts'
import { identifiers } from './identifiers.ts'
import { language } from './language.ts'
import { links } from './links.ts'
import { negation } from './negation.ts'
import { numbers } from './numbers.ts'
import { qualifier } from './qualifier.ts'
import { quotations } from './quotations.ts'
import { questionWord } from './question-word.ts'
import { scope } from './scope.ts'
import { substitution } from './substitution.ts'
import { tense } from './tense.ts'
import { prepare } from './text/prepare.ts'
import { units } from './units.ts'

/** Every guard with what it looks at; the cheap ones first. */
const DIFFERS = {
  language, code, links, quotations, negation, numbers, units, dates, identifiers, antonyms, alternatives, scope,
  entities, direction, question_word: questionWord, tense, substitution, qualifier,
} satisfies Record<string, (comparison: Comparison) => boolean>

/** The name of a guard, as it stands in metrics and settings. */
export type Guard = keyof typeof DIFFERS

/** The names of all guards, in the order in which they are asked. */
export const GUARDS = Object.keys(DIFFERS) as readonly Guard[]

const ENTRIES = Object.entries(DIFFERS) as readonly (readonly [Guard, (comparison: Comparison) => boolean])[]

/** The first guard that finds the stored text to ask something else than the asked one; nothing when both may have one answer. */
export function veto(asked: string, stored: string): Guard | undefined {
  return guardsFor(asked)(stored)
}

/** Reads the asked text once and returns the veto for each text that is to be compared with it. */
export function guardsFor(asked: string): (stored: string) => Guard | undefined {
  const prepared = prepare(asked)
  return stored => {
    if (stored === asked) return undefined
    const comparison = compare(prepared, prepare(stored))
    for (const [guard, differs] of ENTRIES) if (differs(comparison)) return guard
    return undefined
  }
}

/** Every guard that vetoes a pair, for measuring what each of them is worth. */
export function vetoes(asked: string, stored: string): readonly Guard[] {
  const comparison = compare(prepare(asked), prepare(stored))
  return GUARDS.filter(guard => DIFFERS[guard](comparison))
}
