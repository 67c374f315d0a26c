import { at, everywhere } from '../read-json.ts'
import type { Asked } from '../shapes.ts'

const NAME = new Set(['cache_control'])

/** The marks of prefixes to cache in a request that has them in Anthropic's shape. */
export function cacheMarksIn(body: unknown): Asked['cacheMarks'] {
  const tools = everywhere(at(body, 'tools'), NAME).length
  return { tools, words: everywhere(body, NAME).length - tools }
}
