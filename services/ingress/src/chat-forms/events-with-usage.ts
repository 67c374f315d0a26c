import { isObject, readObject, type JsonObject } from './json-object.ts'
import { DONE, dataOf, eventOf, splitEvents } from './split-events.ts'
import { isUsageChunk, usageChunk } from './usage-chunk.ts'

const MAY_TELL_USAGE = /"usage"\s*:\s*\{/

/** The stored events byte for byte, but what the answer cost, which is told only when asked, and ended; throws when it cannot be told. */
export function eventsWithUsage(bytes: Buffer, { includeUsage, usage }: { includeUsage: boolean; usage: JsonObject | undefined }): Buffer {
  const events: Uint8Array[] = []
  let told: Buffer | undefined
  let last: string | undefined
  for (const event of splitEvents(bytes)) {
    const data = dataOf(event)
    if (data === DONE) continue
    const chunk = MAY_TELL_USAGE.test(data) ? readObject(data) : undefined
    if (chunk && isUsageChunk(chunk)) {
      told = event
      continue
    }
    events.push(chunk && isObject(chunk.usage) && !includeUsage ? withoutUsage(chunk) : event)
    if (data !== '') last = data
  }
  if (last === undefined) throw new Error('an empty answer')
  if (includeUsage) events.push(told ?? usageBehind(readObject(last), usage))
  events.push(Buffer.from(eventOf(DONE)))
  return Buffer.concat(events)
}

function withoutUsage(told: JsonObject): Uint8Array {
  const { usage: _, ...chunk } = told
  return Buffer.from(eventOf(JSON.stringify(chunk)))
}

/** Some providers tell usage with the finish reason instead of in a chunk of its own; told twice, clients would add it up. */
function usageBehind(last: JsonObject, usage: JsonObject | undefined): Uint8Array {
  if (isObject(last.usage)) return Buffer.alloc(0)
  if (!usage) throw new Error('usage is not known')
  return Buffer.from(usageChunk(last, usage))
}
