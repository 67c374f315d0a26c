import type { Comparison } from './comparison.ts'

/** Differs when each text quotes something that the other does not say. */
export function quotations({ asked, stored }: Comparison): boolean {
  if (asked.quotes.length === 0 || stored.quotes.length === 0) return false
  return asked.quotes.some(quote => !stored.quotes.includes(quote)) && stored.quotes.some(quote => !asked.quotes.includes(quote))
}
