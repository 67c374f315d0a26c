import type { Trace } from '@gomodel/bus'
import { GatewayError, responseOfItem } from '@gomodel/contracts'
import type { JsonObject } from '../chat-forms/json-object.ts'
import type { ModelRequest } from '../model-call.ts'
import type { KeptResponses } from './kept-responses.ts'
import { isReference, itemsOf, type KeptRecord, readRecord } from './record.ts'

/**
 * A request with what it goes on from: what the gateway kept of earlier responses takes the place of their ids. Where a provider kept them,
 * the request can only go to that provider, and goes as it is. Throws when an earlier response is not known, or kept where the model is not.
 */
export async function joinedRequest(asked: ModelRequest, kept: KeptResponses): Promise<ModelRequest> {
  const { state, tenant } = asked
  if (!state || (state.previous === undefined && !state.references)) return asked
  const archive = new Archive(kept, tenant, asked.span.trace)
  let earlier: readonly JsonObject[] = []
  if (state.previous !== undefined) {
    const found = await archive.find(state.previous)
    if (!found) throw notFound(state.previous)
    if (found.instance !== undefined) return atInstance(asked, found.instance)
    earlier = found.record.input.concat(found.record.output)
  }
  const { previous_response_id: _, ...body } = JSON.parse(asked.body.toString()) as JsonObject
  const input = await Promise.all([...earlier, ...itemsOf(body.input)].map(item => archive.resolved(item)))
  const joined = Buffer.from(JSON.stringify({ ...body, input: input.map(withoutId) }))
  return { ...asked, body: joined, ...(state.previous !== undefined && { continues: state.previous }) }
}

type Place = { readonly instance: string; readonly record?: undefined } | { readonly instance?: undefined; readonly record: KeptRecord }

/** What one request needs of the earlier ones, each asked for once. */
class Archive {
  readonly #kept: KeptResponses
  readonly #tenant: string
  readonly #trace: Trace
  readonly #asked = new Map<string, Promise<Place | undefined>>()

  constructor(kept: KeptResponses, tenant: string, trace: Trace) {
    this.#kept = kept
    this.#tenant = tenant
    this.#trace = trace
  }

  find(id: string): Promise<Place | undefined> {
    const known = this.#asked.get(id) ?? this.#read(id)
    this.#asked.set(id, known)
    return known
  }

  /** The item that a reference stands for, where the gateway has it; otherwise the reference, which a provider may know. */
  async resolved(item: JsonObject): Promise<JsonObject> {
    const id = isReference(item) && typeof item.id === 'string' ? item.id : undefined
    const response = id === undefined ? undefined : responseOfItem(id)
    if (response === undefined) return item
    const found = await this.find(response)
    return found?.record?.output.find(known => known.id === id) ?? item
  }

  async #read(id: string): Promise<Place | undefined> {
    const found = await this.#kept.find(id, this.#tenant, this.#trace)
    if (!found) return undefined
    return found.kept.keeper === 'provider' ? { instance: found.kept.instance } : { record: readRecord(found.bytes) }
  }
}

/** Ids are the gateway's: a provider that keeps items itself would look for them. */
function withoutId(item: JsonObject): JsonObject {
  if (isReference(item)) return item
  const { id: _, ...others } = item
  return others
}

function atInstance(asked: ModelRequest, instance: string): ModelRequest {
  const candidates = asked.route.candidates.filter(candidate => candidate.instance === instance)
  if (candidates.length > 0) return { ...asked, route: { ...asked.route, candidates } }
  throw new GatewayError('invalid_request', `the earlier response is kept by ${instance}: ask a model of ${instance}, or send its items again`, { param: 'previous_response_id' })
}

const notFound = (id: string): GatewayError =>
  new GatewayError('invalid_request', `Previous response with id '${id.slice(0, 200)}' not found.`, { param: 'previous_response_id', reason: 'previous_response_not_found' })
