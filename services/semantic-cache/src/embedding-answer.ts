import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { fromBase64, unit } from './vectors.ts'

const validator = Compile(
  Type.Object({
    data: Type.Array(Type.Object({ index: Type.Optional(Type.Integer({ minimum: 0 })), embedding: Type.Union([Type.String(), Type.Array(Type.Number())]) })),
  }),
)

/** The vectors of an answer to `/v1/embeddings`, in the order of the texts; throws what is wrong with it. */
export function vectorsIn(body: Uint8Array, count: number): Float32Array[] {
  const answer: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
  if (!validator.Check(answer)) throw new Error('the embedder gave no embeddings')
  const vectors: Float32Array[] = []
  for (const [place, { index, embedding }] of answer.data.entries()) {
    const vector = unit(typeof embedding === 'string' ? fromBase64(embedding) : embedding)
    if (!vector) throw new Error('the embedder gave a vector without a direction')
    vectors[index ?? place] = vector
  }
  if (vectors.length !== count || !Array.from({ length: count }, (_, at) => vectors[at]).every(Boolean)) throw new Error(`the embedder gave ${answer.data.length} vectors for ${count} texts`)
  return vectors
}
