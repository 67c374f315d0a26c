import { type Fields, record, records, text } from './fields.ts'

/** What an answer rests on, as OpenAI's `url_citation` annotations; `said` is the text that they point into. */
export function citationsOf(grounding: Fields | undefined, said: string): readonly unknown[] {
  if (!grounding) return []
  const sources = records(grounding.groundingChunks).map(chunk => record(chunk.web) ?? record(chunk.retrievedContext))
  const supports = records(grounding.groundingSupports)
  if (supports.length === 0) return sources.flatMap(source => citation(source, 0, 0))
  const bytes = Buffer.from(said)
  return supports.flatMap(({ segment, groundingChunkIndices: indices }) => {
    const { startIndex, endIndex } = record(segment) ?? {}
    const start = characters(bytes, startIndex)
    const end = characters(bytes, endIndex)
    return (Array.isArray(indices) ? (indices as unknown[]) : []).flatMap(index => citation(sources[Number(index)], start, end))
  })
}

function citation(source: Fields | undefined, start: number, end: number): unknown[] {
  const url = text(source?.uri)
  return url === undefined ? [] : [{ type: 'url_citation', url_citation: { url, title: text(source?.title) ?? '', start_index: start, end_index: end } }]
}

/** Gemini counts bytes of UTF-8, OpenAI characters. */
const characters = (bytes: Buffer, index: unknown): number => (typeof index === 'number' ? bytes.toString('utf8', 0, index).length : 0)
