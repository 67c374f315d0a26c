import type { Comparison } from './comparison.ts'
import { sameParts } from './same-parts.ts'

/** Differs when two texts do not hold the same links. */
export function links({ asked, stored }: Comparison): boolean {
  return !sameParts(asked.links, stored.links)
}
