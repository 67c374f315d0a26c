import type { Lead } from '@gomodel/contracts'

/** An offer to lead, and whom it would replace. */
export interface Offer {
  readonly lead: Lead
  readonly instead: Lead | undefined
}

/** One flight under its key. */
export interface Flying {
  readonly key: string
  readonly lead: Lead
}

/** What one who offered to lead hears: that it does, or who does. */
export type Led = 'lead' | { readonly leader: Lead }

/** A lead as one word. */
export const wordOf = ({ ingress, flight }: Lead): string => `${ingress}.${flight}`

/** The reverse; undefined when the word is not one of ours. */
export function leadOf(word: string): Lead | undefined {
  const [ingress, flight, more] = word.split('.')
  return ingress && flight && more === undefined ? { ingress, flight } : undefined
}
