import { StoreFault } from '../store-failure.ts'
import type { Neighbour, Question } from '../vector-store.ts'
import { pointId } from './point-id.ts'
import { fieldOf, type IndexedEntry, type Selection, type VectorIndex } from './vector-index.ts'
import { WeaviateClient } from './weaviate-client.ts'

/** Which class of which Weaviate. */
export interface WeaviateSettings {
  readonly url: string
  readonly apiKey?: string | undefined
  /** The name of the class: a capital letter first, then letters, digits and `_`. */
  readonly className: string
  /** How long one call may take. Default 2 seconds. */
  readonly timeoutMs?: number
}

const PAGE = 1000
const DEFAULT_TIMEOUT_MS = 2000

const filtered = (name: string, dataType: string) => ({ name, dataType: [dataType], indexFilterable: true, indexSearchable: false, ...(dataType.startsWith('text') && { tokenization: 'field' }) })
const kept = (name: string) => ({ name, dataType: ['text'], indexFilterable: false, indexSearchable: false })
const PROPERTIES = [
  ...['entryId', 'partition', 'tenant', 'model'].map(name => filtered(name, 'text')),
  filtered('tags', 'text[]'),
  filtered('storedAt', 'number'),
  filtered('expiresAt', 'number'),
  kept('text'),
  kept('meta'),
]
const MINIMUM = { ...filtered('minimum', 'number'), indexFilterable: false }

/** A class in Weaviate, one object an entry, their vectors given by us. It needs GraphQL, which a cluster of Weaviate Cloud may have switched off. */
export class WeaviateIndex implements VectorIndex {
  readonly kind = 'weaviate'
  readonly #client: WeaviateClient
  readonly #className: string

  constructor({ url, apiKey, className, timeoutMs = DEFAULT_TIMEOUT_MS }: WeaviateSettings) {
    // It becomes part of queries.
    if (!/^[A-Z][A-Za-z0-9_]*$/.test(className)) throw new Error(`"${className}" is no name for a class of Weaviate: it begins with a capital letter and has letters, digits and _ only`)
    this.#client = new WeaviateClient({ url, apiKey, timeoutMs })
    this.#className = className
  }

  async open(dimensions: number): Promise<number> {
    const schema = (await this.#client.rest('GET', `schema/${this.#className}`)) as { vectorIndexConfig?: { distance?: string }; properties?: { name: string }[] } | undefined
    if (!schema) await this.#create()
    else if ((schema.vectorIndexConfig?.distance ?? 'cosine') !== 'cosine') throw new StoreFault('its class does not measure by cosine')
    // Classes of earlier versions have none.
    else if (!schema.properties?.some(({ name }) => name === MINIMUM.name)) await this.#client.rest('POST', `schema/${this.#className}/properties`, MINIMUM)
    // A class has the dimensions of its first vector, and tells them nowhere else.
    const [first] = await this.#client.rows('Get', this.#className, '(limit: 1) { _additional { vector } }')
    return (first?.['_additional'] as { vector?: number[] } | undefined)?.vector?.length || dimensions
  }

  async put({ id, vector, ...properties }: IndexedEntry): Promise<void> {
    const object = { class: this.#className, id: pointId(id), vector: [...vector], properties: { entryId: id, ...properties } }
    const results = (await this.#client.rest('POST', 'batch/objects', { objects: [object] })) as { result?: { status?: string; errors?: unknown } }[] | undefined
    const result = results?.[0]?.result
    if (!result || result.errors || result.status === 'FAILED') throw new StoreFault('it refuses the entry', { cause: new Error(JSON.stringify(result?.errors)?.slice(0, 500)) })
  }

  async nearest({ partition, vector, k, now }: Question): Promise<Neighbour[]> {
    const where = `{ operator: And, operands: [${equal('partition', partition)}, { path: ["expiresAt"], operator: GreaterThan, valueNumber: ${now} }] }`
    const rows = await this.#client.rows(
      'Get',
      this.#className,
      `(limit: ${k}, nearVector: { vector: [${vector.join(',')}] }, where: ${where}) { entryId text meta storedAt expiresAt tenant minimum _additional { distance } }`,
    )
    return rows.map(row => ({
      id: String(row['entryId']),
      text: String(row['text'] ?? ''),
      meta: String(row['meta'] ?? ''),
      tenant: String(row['tenant'] ?? ''),
      storedAt: Number(row['storedAt']),
      expiresAt: Number(row['expiresAt']),
      minimum: Number(row['minimum'] ?? 0),
      score: 1 - Number((row['_additional'] as { distance?: number }).distance),
    }))
  }

  async ids(which: Selection): Promise<string[]> {
    const rows = await this.#client.rows('Get', this.#className, `(limit: ${PAGE}${whereOf(which, ', ')}) { entryId }`)
    return rows.map(row => String(row['entryId']))
  }

  async present(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (let start = 0; start < ids.length; start += PAGE) {
      const some = ids.slice(start, start + PAGE)
      const rows = await this.#client.rows('Get', this.#className, `(limit: ${PAGE}, where: { path: ["entryId"], operator: ContainsAny, valueText: ${JSON.stringify(some)} }) { entryId minimum }`)
      for (const row of rows) found.set(String(row['entryId']), Number(row['minimum'] ?? 0))
    }
    return found
  }

  async limit(ids: readonly string[], minimum: number): Promise<void> {
    for (const id of ids) await this.#client.rest('PATCH', `objects/${this.#className}/${pointId(id)}`, { class: this.#className, properties: { minimum } })
  }

  async drop(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#delete({ path: ['entryId'], operator: 'ContainsAny', valueTextArray: ids })
  }

  async dropExpired(now: number): Promise<void> {
    await this.#delete({ path: ['expiresAt'], operator: 'LessThanEqual', valueNumber: now })
  }

  async count(which: Selection): Promise<number> {
    const where = whereOf(which, '')
    const [row] = await this.#client.rows('Aggregate', this.#className, `${where && `(${where})`} { meta { count } }`)
    return Number((row?.['meta'] as { count?: number } | undefined)?.count ?? 0)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #create(): Promise<void> {
    const definition = { class: this.#className, vectorizer: 'none', vectorIndexConfig: { distance: 'cosine' }, properties: [...PROPERTIES, MINIMUM] }
    try {
      await this.#client.rest('POST', 'schema', definition)
    } catch (thrown) {
      // Another instance was faster.
      if (!(await this.#client.rest('GET', `schema/${this.#className}`))) throw thrown
    }
  }

  async #delete(where: object): Promise<void> {
    await this.#client.rest('DELETE', 'batch/objects', { match: { class: this.#className, where } })
  }
}

const equal = (field: string, value: string): string => `{ path: ["${field}"], operator: Equal, valueText: ${JSON.stringify(value)} }`

function whereOf(which: Selection, before: string): string {
  const wanted = fieldOf(which)
  return wanted ? `${before}where: ${equal(wanted.field, wanted.value)}` : ''
}
