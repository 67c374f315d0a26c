import { duration, fraction, gatewaySettings, integer, oneOf, optionalText, secret, text, type ValuesOf } from '@gomodel/service'

const at = (place: string): string => `cache.response.semantic.${place}`
const store = (place: string): string => at(`vector_store.${place}`)

/** What an operator may set of the semantic cache. */
export const settings = {
  enabled: gatewaySettings.semanticCacheEnabled,
  mode: oneOf('SEMANTIC_CACHE_MODE', ['static', 'strict', 'shadow'], {
    yaml: at('mode'),
    description: '`static`: what is similar enough and passes every guard is a hit. `strict`: only what says the same in nearly the same words. `shadow`: nothing is served; metrics say what would have been.',
    fallback: 'static',
  }),
  threshold: fraction('SEMANTIC_CACHE_THRESHOLD', { yaml: at('similarity_threshold'), description: 'How similar two questions have to be, as the cosine of their vectors. A caller may ask for more, never for less.', fallback: '0.92' }),
  ttlMs: duration('SEMANTIC_CACHE_TTL', { yaml: at('ttl'), description: 'How long an answer is kept; a caller may ask for less. 0 means thirty days.', fallback: '3600' }),
  embedderProvider: optionalText('SEMANTIC_CACHE_EMBEDDER_PROVIDER', { yaml: at('embedder.provider'), description: 'The provider instance that turns texts into vectors; asked over the bus like any other request for embeddings.' }),
  embedderModel: optionalText('SEMANTIC_CACHE_EMBEDDER_MODEL', { yaml: at('embedder.model'), description: 'Its model. Without it `gemini-embedding-001` where the instance is a Gemini, else `text-embedding-ada-002`.' }),
  storeType: oneOf('SEMANTIC_CACHE_VECTOR_STORE_TYPE', ['embedded', 'qdrant', 'pgvector', 'pinecone', 'weaviate'], {
    yaml: store('type'),
    description: 'Where vectors and answers are kept. `embedded`: in a file below `DATA_DIR`, and then there may be one semantic cache only.',
    fallback: 'embedded',
  }),
  dataDir: gatewaySettings.dataDir,
  limitMb: integer('SEMANTIC_CACHE_STORE_LIMIT_MB', { yaml: store('limit_mb'), description: 'How many megabytes the embedded store may take; what was of the least use goes first.', fallback: '512', min: 1, max: 1_000_000 }),
  qdrantUrl: optionalText('SEMANTIC_CACHE_QDRANT_URL', { yaml: store('qdrant.url'), description: 'The address of Qdrant.' }),
  qdrantCollection: text('SEMANTIC_CACHE_QDRANT_COLLECTION', { yaml: store('qdrant.collection'), description: 'Its collection; made when it is not there.', fallback: 'gomodel_semantic' }),
  qdrantKey: secret('SEMANTIC_CACHE_QDRANT_API_KEY', { yaml: store('qdrant.api_key'), description: 'Its key.' }),
  pgvectorUrl: secret('SEMANTIC_CACHE_PGVECTOR_URL', { yaml: store('pgvector.url'), description: 'The address of a PostgreSQL that has the extension pgvector.' }),
  pgvectorTable: text('SEMANTIC_CACHE_PGVECTOR_TABLE', { yaml: store('pgvector.table'), description: 'Its table; made when it is not there.', fallback: 'gomodel_semantic_cache' }),
  pgvectorDimension: integer('SEMANTIC_CACHE_PGVECTOR_DIMENSION', { yaml: store('pgvector.dimension'), description: 'How long its vectors are; 0 takes it from the first one.', fallback: '0', min: 0, max: 16_000 }),
  pineconeHost: optionalText('SEMANTIC_CACHE_PINECONE_HOST', { yaml: store('pinecone.host'), description: 'The host of the Pinecone index.' }),
  pineconeKey: secret('SEMANTIC_CACHE_PINECONE_API_KEY', { yaml: store('pinecone.api_key'), description: 'Its key.' }),
  pineconeNamespace: text('SEMANTIC_CACHE_PINECONE_NAMESPACE', { yaml: store('pinecone.namespace'), description: 'Its namespace.', fallback: 'gomodel' }),
  pineconeDimension: integer('SEMANTIC_CACHE_PINECONE_DIMENSION', { yaml: store('pinecone.dimension'), description: 'How long its vectors are; 0 takes it from the first one.', fallback: '0', min: 0, max: 20_000 }),
  weaviateUrl: optionalText('SEMANTIC_CACHE_WEAVIATE_URL', { yaml: store('weaviate.url'), description: 'The address of Weaviate.' }),
  weaviateClass: text('SEMANTIC_CACHE_WEAVIATE_CLASS', { yaml: store('weaviate.class'), description: 'Its class; made when it is not there.', fallback: 'GoModelSemanticCache' }),
  weaviateKey: secret('SEMANTIC_CACHE_WEAVIATE_API_KEY', { yaml: store('weaviate.api_key'), description: 'Its key.' }),
}
export type SemanticCacheSettings = ValuesOf<typeof settings>
