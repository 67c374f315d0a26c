import { isRecord } from './usage.ts'

const NATURAL: ReadonlySet<unknown> = new Set(['stop', 'tool_calls', 'function_call'])

/** A choice ended by itself: neither cut off nor filtered. */
export const endsByItself = (finish: unknown): boolean => NATURAL.has(finish)

/** A message, or a piece of one, says why there is no answer. */
export const refuses = (message: unknown): boolean => isRecord(message) && typeof message.refusal === 'string' && message.refusal !== ''
