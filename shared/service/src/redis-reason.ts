import { ReplyError } from 'ioredis'

/** Why Redis does not serve. */
export interface RedisReason {
  readonly text: string
  /** It is there and says no: the operator has to act. */
  readonly refusal: boolean
}

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid password/, 'it refuses the password'],
  [/^NOAUTH/, 'it wants a password'],
  [/DB index/, 'it has no such database'],
  [/^NOPERM/, 'its user may not do this'],
  [/^OOM/, 'its memory is full'],
  [/^READONLY/, 'it is a replica that takes no writes'],
  [/^MISCONF/, 'it cannot save to its disk and takes no writes'],
]

/** It is reachable, perhaps, but frozen or too slow to be of use. */
export const NO_ANSWER: RedisReason = { text: 'it does not answer in time', refusal: false }

/** The reason behind an error, in words of our own: Redis quotes commands that it refuses, and one of them holds the password. */
export function redisReason(thrown: unknown): RedisReason {
  const { code, message } = thrown as { code?: unknown; message?: unknown }
  const said = typeof message === 'string' ? message : ''
  if (thrown instanceof ReplyError) {
    const known = REFUSALS.find(([pattern]) => pattern.test(said))?.[1]
    return { text: known ?? `it refuses with ${/^[A-Z]{2,20}\b/.exec(said)?.[0] ?? 'an error'}`, refusal: true }
  }
  if (said.startsWith('Socket timeout')) return NO_ANSWER
  return { text: typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : 'the connection broke', refusal: false }
}
