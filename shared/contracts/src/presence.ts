import { Type, type Static } from 'typebox'

/**
 * A service that keeps something is there; told at its start, whenever the bus is back, and as an objection. One that keeps it to itself,
 * in memory or on its disk, excludes every other: who serves already stays; of two that both do, or both do not yet, the older one.
 */
export const Present = Type.Object({
  /** New at every start. */
  id: Type.String(),
  store: Type.Enum(['memory', 'disk', 'redis']),
  /** It answers; before that it waits for objections. */
  serving: Type.Boolean(),
  /** When it started, in milliseconds since 1970. */
  since: Type.Integer(),
})
export type Present = Static<typeof Present>
