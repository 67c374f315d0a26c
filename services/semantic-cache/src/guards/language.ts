import type { Comparison } from './comparison.ts'

/** Differs when the scripts or the function words of two texts are those of two languages. */
export function language({ asked, stored }: Comparison): boolean {
  return asked.language !== undefined && stored.language !== undefined && asked.language !== stored.language
}
