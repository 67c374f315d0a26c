import { isRecord } from '../usage.ts'

/** The pages that a stretch of text cites, as annotations; what is cited of a document that the caller sent has no address. */
export function annotationsOf(citations: unknown, stretch: { readonly from: number; readonly to: number }): readonly unknown[] {
  if (!Array.isArray(citations)) return []
  return citations.flatMap((citation: unknown) => {
    const url = isRecord(citation) ? (citation.url ?? citation.source) : undefined
    if (!isRecord(citation) || typeof url !== 'string' || !/^https?:\/\//i.test(url)) return []
    const title = typeof citation.title === 'string' ? citation.title : ''
    return [{ type: 'url_citation', url_citation: { start_index: stretch.from, end_index: stretch.to, url, title } }]
  })
}
