import { resolve } from 'node:path'
import { ConfigurationError } from '@gomodel/service'
import type { SemanticCacheSettings } from './settings.ts'
import type { StoreSettings } from './stores/index.ts'

/** Which store, and how it is reached; throws a ConfigurationError that names every variable that is missing. */
export function storeSettings(given: SemanticCacheSettings): StoreSettings {
  switch (given.storeType) {
    case 'qdrant':
      return { type: 'qdrant', url: needed(given.qdrantUrl, 'SEMANTIC_CACHE_QDRANT_URL'), collection: given.qdrantCollection, apiKey: given.qdrantKey, folder: folderOf(given) }
    case 'pgvector':
      return { type: 'pgvector', url: needed(given.pgvectorUrl, 'SEMANTIC_CACHE_PGVECTOR_URL'), table: given.pgvectorTable }
    case 'pinecone':
      return { type: 'pinecone', host: needed(given.pineconeHost, 'SEMANTIC_CACHE_PINECONE_HOST'), apiKey: needed(given.pineconeKey, 'SEMANTIC_CACHE_PINECONE_API_KEY'), namespace: given.pineconeNamespace, folder: folderOf(given) }
    case 'weaviate':
      return { type: 'weaviate', url: needed(given.weaviateUrl, 'SEMANTIC_CACHE_WEAVIATE_URL'), className: given.weaviateClass, apiKey: given.weaviateKey, folder: folderOf(given) }
    default:
      return { type: 'embedded', folder: folderOf(given), limitBytes: given.limitMb * 1024 * 1024 }
  }
}

const folderOf = ({ dataDir }: SemanticCacheSettings): string => resolve(dataDir, 'semantic-cache')

function needed(value: string | undefined, variable: string): string {
  if (value === undefined) throw new ConfigurationError([`${variable} must be set for this kind of vector store`])
  return value
}
