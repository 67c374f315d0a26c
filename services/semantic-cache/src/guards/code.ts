import type { Comparison } from './comparison.ts'
import { sameParts } from './same-parts.ts'

/** Differs when the code blocks or pieces of inline code of two texts are not the same. */
export function code({ asked, stored }: Comparison): boolean {
  return !sameParts(asked.code, stored.code)
}
