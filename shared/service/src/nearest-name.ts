import leven from 'leven'

const LONGEST = 100

/** The known name that somebody most likely meant, if one is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const written = name.slice(0, LONGEST).toLowerCase()
  const near = [...known].map(candidate => ({ candidate, distance: leven(written, candidate.toLowerCase()) })).toSorted((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= Math.max(2, written.length / 3) ? near.candidate : undefined
}
