import type { Log } from '@gomodel/service'
import { type BodySettings, SqliteBodyStore } from './bodies/sqlite-body-store.ts'
import { EmbeddedStore, type EmbeddedSettings } from './embedded/embedded-store.ts'
import { PgvectorStore, type PgvectorSettings } from './pgvector/pgvector-store.ts'
import { PineconeIndex, type PineconeSettings } from './remote/pinecone-index.ts'
import { QdrantIndex, type QdrantSettings } from './remote/qdrant-index.ts'
import { RemoteStore } from './remote/remote-store.ts'
import { WeaviateIndex, type WeaviateSettings } from './remote/weaviate-index.ts'
import type { VectorStore } from './vector-store.ts'

/**
 * Which store. Those that have no place for bodies keep them in a file of this instance, in `folder`: with several instances each serves what it
 * stored itself, so that these stores are for one instance; `pgvector` is for several.
 */
export type StoreSettings =
  | ({ readonly type: 'embedded' } & EmbeddedSettings)
  | ({ readonly type: 'pgvector' } & PgvectorSettings)
  | ({ readonly type: 'qdrant' } & QdrantSettings & BodySettings)
  | ({ readonly type: 'pinecone' } & PineconeSettings & BodySettings)
  | ({ readonly type: 'weaviate' } & WeaviateSettings & BodySettings)

/** The store of these settings, not opened yet; throws an Error when a name in them cannot be one. */
export function openStore(settings: StoreSettings, log: Log): VectorStore {
  switch (settings.type) {
    case 'embedded':
      return new EmbeddedStore(settings, log)
    case 'pgvector':
      return new PgvectorStore(settings, log)
    case 'qdrant':
      return new RemoteStore(new QdrantIndex(settings), new SqliteBodyStore(settings, log))
    case 'pinecone':
      return new RemoteStore(new PineconeIndex(settings), new SqliteBodyStore(settings, log))
    case 'weaviate':
      return new RemoteStore(new WeaviateIndex(settings), new SqliteBodyStore(settings, log))
  }
}
