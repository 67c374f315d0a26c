import { GatewayError } from '@gomodel/contracts'
import { askInstance, type Asking, collected, firstThatKnows, lookup, type RelayParts } from './ask-instance.ts'

/** One page of what several instances have, and which of them could not say. */
export interface MergedPage {
  readonly page: { readonly object: 'list'; readonly data: readonly Entry[]; readonly has_more: boolean; readonly first_id: string | null; readonly last_id: string | null }
  readonly unavailable: readonly string[]
}

interface Entry {
  readonly id?: unknown
  /** The instance that has it. */
  readonly provider: string
}

interface Part {
  readonly entries: readonly Entry[]
  readonly more: boolean
}

const MOST_ENTRIES = 100

/**
 * The lists of several instances as one, instance after instance: a cursor is the id of an entry, and only its own instance can go on from it.
 * `asking` lists the resource; its path has the query of the client.
 */
export async function mergedList(parts: RelayParts, instances: readonly string[], asking: Asking): Promise<MergedPage> {
  const [path = '', query] = asking.path.split('?')
  const wanted = new URLSearchParams(query)
  const limit = Math.min(MOST_ENTRIES, Math.max(1, Math.trunc(Number(wanted.get('limit') ?? MOST_ENTRIES)) || MOST_ENTRIES))
  const after = wanted.get('after')
  const begin = after === null ? 0 : await placeOf(parts, instances, lookup(asking, { path: `${path}/${encodeURIComponent(after)}` }))
  const entries: Entry[] = []
  const unavailable: string[] = []
  let failure: unknown
  let more = false
  for (const [place, instance] of instances.entries()) {
    if (place < begin) continue
    wanted.set('limit', String(limit - entries.length))
    if (place > begin) wanted.delete('after')
    try {
      const part = await partOf(parts, instance, lookup(asking, { path: `${path}?${wanted}` }))
      // Some list all they have whatever they are asked.
      const seen = place === begin && after !== null ? part.entries.findIndex(({ id }) => id === after) : -1
      entries.push(...part.entries.slice(seen + 1))
      more = part.more || (entries.length >= limit && place < instances.length - 1)
      if (more) break
    } catch (thrown) {
      if (asking.signal.aborted) throw thrown
      failure ??= thrown
      unavailable.push(instance)
    }
  }
  if (unavailable.length === instances.length - begin) throw failure
  return { page: { object: 'list', data: entries, has_more: more, first_id: idOf(entries[0]), last_id: idOf(entries.at(-1)) }, unavailable }
}

async function placeOf(parts: RelayParts, instances: readonly string[], asking: Asking): Promise<number> {
  const { head } = await firstThatKnows(parts, instances, asking)
  if (head.status >= 400) throw new GatewayError('invalid_request', 'after must be the id of an entry', { param: 'after' })
  return instances.indexOf(head.provider)
}

async function partOf(parts: RelayParts, instance: string, asking: Asking): Promise<Part> {
  const answer = await askInstance(parts, instance, asking)
  const bytes = await collected(answer)
  const { data, has_more: more } = (answer.head.status < 400 && objectIn(bytes)) || {}
  if (!Array.isArray(data)) throw new GatewayError('provider_failed', `${instance} answered ${answer.head.status} where a list was asked for`, { provider: instance })
  return { entries: data.map((entry: object) => ({ ...entry, provider: instance })), more: more === true }
}

/** The JSON object that bytes are; undefined when they are none. */
export function objectIn(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const idOf = (entry: Entry | undefined): string | null => (typeof entry?.id === 'string' ? entry.id : null)
