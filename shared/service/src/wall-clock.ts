const TOLERANCE_MS = 2
let offset = Date.now() - performance.now()

/**
 * Milliseconds since 1970, with fractions. The system's own clock has none, and all that a gateway does for a request takes one or two;
 * the steady one drifts away from it by as much as a second a day.
 */
export function wallClock(): number {
  const now = offset + performance.now()
  const system = Date.now()
  if (Math.abs(now - system) <= TOLERANCE_MS) return now
  offset = system - performance.now()
  return system
}
