/** Whether two texts hold the same parts, in whatever order. */
export function sameParts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every(part => right.includes(part)) && right.every(part => left.includes(part))
}
