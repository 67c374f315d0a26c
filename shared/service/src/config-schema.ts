import { Type, type TSchema } from 'typebox'
import { WITHOUT_EFFECT } from './gomodel-names.ts'

type Properties = Record<string, TSchema>

/** A text, a number, true or false: what a variable could say too. */
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()])
const Scalars = Type.Array(Scalar)
/** One text with commas, or a list. */
const Names = Type.Union([Scalar, Scalars])
const Anything = Type.Unknown()

/** A section of which every key is known; each may be missing. */
const section = (properties: Properties): TSchema => Type.Object(properties, { additionalProperties: false })

/** A section whose keys the operator chooses. */
const named = (value: TSchema): TSchema => Type.Record(Type.String(), value)

const timeouts = section({ first_token: Scalar, gap: Scalar })
const retry = { max_retries: Scalar, initial_backoff: Scalar, max_backoff: Scalar }
const circuitBreaker = { failure_threshold: Scalar, success_threshold: Scalar, timeout: Scalar }
const resilience = section({ retry: section(retry), circuit_breaker: section(circuitBreaker) })
const targets = Type.Array(Type.Union([Scalar, section({ model: Scalar, weight: Scalar })]))
const model = Type.Union([Scalar, section({ id: Scalar, base_model: Scalar, timeouts, metadata: named(Anything) })])

const semantic = section({
  enabled: Scalar,
  mode: Scalar,
  dispatch: Scalar,
  hedge: Scalar,
  similarity_threshold: Scalar,
  ttl: Scalar,
  max_conversation_messages: Scalar,
  exclude_system_prompt: Scalar,
  embedder: section({ provider: Scalar, model: Scalar }),
  vector_store: section({
    type: Scalar,
    limit_mb: Scalar,
    qdrant: section({ url: Scalar, collection: Scalar, api_key: Scalar }),
    pgvector: section({ url: Scalar, table: Scalar, dimension: Scalar }),
    pinecone: section({ host: Scalar, api_key: Scalar, namespace: Scalar, dimension: Scalar }),
    weaviate: section({ url: Scalar, class: Scalar, api_key: Scalar }),
  }),
})

const sections = section({
  server: section({
    port: Scalar,
    host: Scalar,
    master_key: Scalar,
    body_size_limit: Scalar,
    sse_keepalive_interval: Scalar,
    shutdown_timeout: Scalar,
    log_level: Scalar,
    data_dir: Scalar,
    enable_passthrough_routes: Scalar,
    enabled_passthrough_providers: Names,
    allow_passthrough_v1_alias: Scalar,
  }),
  nats: section({ url: Names }),
  metrics: section({ enabled: Scalar, port: Scalar }),
  opentelemetry: section({ endpoint: Scalar, headers: Type.Union([Scalar, named(Scalar)]), sampler_arg: Scalar }),
  cache: section({
    model: section({ refresh_interval: Scalar }),
    response: section({ simple: section({ enabled: Scalar, memory_limit: Scalar, max_entry: Scalar, redis: section({ url: Scalar, key: Scalar, ttl: Scalar }) }), semantic }),
  }),
  responses: section({ ttl: Scalar, disk_limit: Scalar, max_entry: Scalar, redis: section({ url: Scalar, key: Scalar }) }),
  http: section({ connect_timeout: Scalar, response_header_timeout: Scalar, stream_idle_timeout: Scalar }),
  resilience,
  workers: section({ instances: Names, instances_except: Names, capacity: Scalar }),
  simulator: section({ enabled: Scalar, tokens_per_second: Scalar }),
  models: section({ configured_provider_models_mode: Scalar }),
  providers: named(section({ type: Scalar, api_key: Scalar, base_url: Scalar, api_version: Scalar, models: Type.Union([Scalar, Type.Array(model)]), timeouts, resilience })),
  aliases: named(Type.Union([Scalar, targets, section({ targets, fallback: Names })])),
  fallback: section({ mode: Scalar, default_mode: Scalar, manual_rules_path: Scalar, rules: named(Names), overrides: named(section({ mode: Scalar })) }),
})

/** What the YAML file may hold: what has an effect, and every key of GoModel that has none. */
export const configSchema: TSchema = WITHOUT_EFFECT.reduce((schema, { yaml }) => (yaml === undefined ? schema : withPlace(schema, yaml.split('.'))), sections)

/** What a schema says, read as the JSON Schema that it is. */
export interface Shape {
  readonly type?: string
  readonly anyOf?: readonly Shape[]
  readonly items?: Shape
  /** The keys of a section. */
  readonly properties?: Readonly<Record<string, Shape>>
  /** The one entry is for keys that the operator chooses. */
  readonly patternProperties?: Readonly<Record<string, Shape>>
}

/** The same schema with one more place, at which anything may stand; `*` is any key. */
function withPlace(schema: TSchema, [key = '', ...below]: string[]): TSchema {
  const { properties = {}, patternProperties } = schema as Shape
  const existing = (key === '*' ? Object.values(patternProperties ?? {})[0] : properties[key]) as TSchema | undefined
  const value = below.length === 0 ? (existing ?? Anything) : withPlace(existing ?? section({}), below)
  return key === '*' ? named(value) : section({ ...(properties as Properties), [key]: value })
}
