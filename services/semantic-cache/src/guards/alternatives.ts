import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when each text names another member of one row of alternatives ("symptoms" and "causes", "Python" and "Java"). */
export function alternatives({ asked, stored }: Comparison): boolean {
  for (const token of asked.content) {
    for (const member of token.word.members) {
      if (holds(stored, member)) continue
      const row = member.slice(0, member.indexOf(':') + 1)
      if (stored.content.some(({ word }) => word.members.some(other => other.startsWith(row) && !holds(asked, other)))) return true
    }
  }
  return false
}

const holds = ({ content }: Prepared, member: string): boolean => content.some(({ word }) => word.members.includes(member))
