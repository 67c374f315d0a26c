import type { Comparison } from './comparison.ts'
import { FOREIGN } from './text/language.ts'

/** Differs when the scripts or the function words of two texts are those of two languages. */
export function language({ asked, stored }: Comparison): boolean {
  if (asked.language === undefined || stored.language === undefined || asked.language === stored.language) return false
  return (asked.language !== FOREIGN && stored.language !== FOREIGN) || asked.language === 'en' || stored.language === 'en'
}
