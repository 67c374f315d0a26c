import { createHash } from 'node:crypto'

/** A UUID for an id of any form, the same one every time: what servers of vectors take as a name. */
export function pointId(id: string): string {
  const hex = createHash('sha256').update(id).digest('hex')
  // Version 8 is for makers of one's own; the variant's first digit is 8 to b.
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
