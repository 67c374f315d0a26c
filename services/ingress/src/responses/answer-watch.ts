import type { KeptResponse } from '@gomodel/contracts'
import { isObject } from '../chat-forms/json-object.ts'
import { dataOf } from '../chat-forms/split-events.ts'
import type { AnswerWatch, Watching } from '../endpoints/endpoint.ts'
import type { Generated, ModelRequest } from '../model-call.ts'
import { EventTail } from './event-tail.ts'
import { recordOf } from './record.ts'

/** The last event of a stream that the gateway wrote itself. */
const TERMINAL = /^event: response\.(?:completed|incomplete)\n/
const MAY_END = /"response\.(?:completed|incomplete|failed)"/
// The event that names the response comes first; one that is larger names itself in vain.
const MAX_FIRST_EVENT_BYTES = 1024 * 1024

/** Looks at a response while it passes, and keeps it, or who keeps it. Undefined when it is not to be kept. */
export function watchedResponse(asked: ModelRequest, { head }: Generated, { archive, entry }: Watching): AnswerWatch | undefined {
  const { state, stream, tenant, body, span: { trace } } = asked
  if (!state?.store) return undefined
  const kept = (keeper: KeptResponse['keeper']): KeptResponse => ({ tenant, instance: head.provider, keeper, createdAt: Date.now(), ...(entry !== undefined && { entry }) })
  const keepPlace = (response: unknown): Promise<void> | undefined => withId(response, id => archive.keep(id, kept('provider'), { trace }))
  const keepAll = (bytes: Uint8Array): Promise<void> | undefined => withId(parsed(bytes), id => archive.keep(id, kept('gateway'), { bytes: recordOf(bytes, body), trace }))
  if (!stream) return head.native ? bytes => keepPlace(parsed(bytes)) : keepAll
  return head.native ? atFirstEvent(keepPlace) : atLastEvent(keepAll)
}

/** What comes with the last event waits until it is kept, for its reader may go on from it at once. */
function atLastEvent(keep: (response: Uint8Array) => Promise<void> | undefined): AnswerWatch {
  const tail = new EventTail()
  return bytes => {
    const event = tail.add(bytes)
    if (!event || !TERMINAL.test(event.toString('latin1', 0, 40))) return undefined
    const { response } = JSON.parse(dataOf(event)) as { response: unknown }
    return keep(Buffer.from(JSON.stringify(response)))
  }
}

/** The first content does not wait, but what comes after it does; by then it is long kept. */
function atFirstEvent(keep: (response: unknown) => Promise<void> | undefined): AnswerWatch {
  let begun: Uint8Array[] | undefined = []
  let size = 0
  let keeping: Promise<void> | undefined
  return bytes => {
    if (!begun) return keeping
    begun.push(Buffer.from(bytes))
    size += bytes.length
    const text = Buffer.concat(begun).toString()
    const [, first] = /^([^]*?)(?:\r?\n){2}/.exec(text) ?? []
    if (first === undefined && size <= MAX_FIRST_EVENT_BYTES) return undefined
    begun = undefined
    const event = first === undefined ? undefined : parsed(Buffer.from(dataOf(Buffer.from(first))))
    if (isObject(event)) {
      keeping = keep(event.response)
      void keeping?.then(() => (keeping = undefined))
    }
    // A short answer may come at once, and its reader may go on from it.
    return MAY_END.test(text) ? keeping : undefined
  }
}

function withId(response: unknown, keep: (id: string) => Promise<void>): Promise<void> | undefined {
  return isObject(response) && typeof response.id === 'string' ? keep(response.id) : undefined
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  } catch {
    return undefined
  }
}
