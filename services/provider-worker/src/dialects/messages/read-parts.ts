import type { Changes } from '../../hub/changes.ts'
import type { CacheControl, Part } from '../../hub/hub.ts'
import { pathOf } from '../../hub/read-chat.ts'
import { noteUnread, unsupported } from './reader.ts'
import { readBase64, readBlocks, readFileId, readPlainText, readSourced, readText, readUrl } from './request-schema.ts'

/** A block of content as it was checked so far. */
export interface Block {
  readonly type: string
}

const TEXT = new Set(['type', 'text', 'cache_control', 'citations'])
const IMAGE = new Set(['type', 'source', 'cache_control'])
const DOCUMENT = new Set(['type', 'source', 'cache_control', 'title', 'context', 'citations'])

/** The parts of the hub that say what a block says; undefined for a block of another kind. `at` is the pointer to it. */
export function partsOf(block: Block, at: string, changes: Changes): Part[] | undefined {
  switch (block.type) {
    case 'text':
      return [textPart(block, at, changes)]
    case 'image':
      return [imagePart(block, at, changes)]
    case 'document':
      return documentParts(block, at, changes)
    default:
      return undefined
  }
}

/** What is said in a string or in blocks; a single plain text is a string, which every provider takes. */
export function contentOf(content: unknown, at: string, changes: Changes): string | Part[] {
  if (typeof content === 'string') return content
  const parts = readBlocks(content, at).flatMap((block, place) => {
    const where = `${at}/${place}`
    const found = partsOf(block, where, changes)
    if (!found) throw unsupported(`${where}/type`, block.type)
    return found
  })
  return plain(parts)
}

/** A single text that nothing hangs on, as a string. */
export function plain(parts: Part[]): string | Part[] {
  const [only] = parts
  if (!only) return ''
  return parts.length === 1 && only.type === 'text' && !only.cache_control ? only.text : parts
}

function textPart(block: Block, at: string, changes: Changes): Part {
  const text = readText(block, at)
  noteUnread(block, TEXT, { at, changes })
  if ('citations' in block && Array.isArray(block.citations) && block.citations.length > 0) changes.dropped(pathOf(`${at}/citations`))
  return { type: 'text', text: text.text, ...cached(text) }
}

function imagePart(block: Block, at: string, changes: Changes): Part {
  const image = readSourced(block, at)
  noteUnread(block, IMAGE, { at, changes })
  const { source } = image
  const from = `${at}/source`
  if (source.type === 'file') return { type: 'file', file: { file_id: readFileId(source, from).file_id }, ...cached(image) }
  const url = source.type === 'base64' ? dataUrl(readBase64(source, from)) : source.type === 'url' ? readUrl(source, from).url : undefined
  if (url === undefined) throw unsupported(`${from}/type`, source.type)
  return { type: 'image_url', image_url: { url }, ...cached(image) }
}

function documentParts(block: Block, at: string, changes: Changes): Part[] {
  const document = readSourced(block, at)
  noteUnread(block, DOCUMENT, { at, changes })
  if (document.citations?.enabled === true) changes.dropped(pathOf(`${at}/citations`))
  const { source, title, context } = document
  const from = `${at}/source`
  switch (source.type) {
    case 'base64':
      if (context) changes.dropped(pathOf(`${at}/context`))
      return [{ type: 'file', file: { file_data: dataUrl(readBase64(source, from)), filename: title ?? 'document.pdf' }, ...cached(document) }]
    case 'file':
      if (context) changes.dropped(pathOf(`${at}/context`))
      return [{ type: 'file', file: { file_id: readFileId(source, from).file_id, ...(title && { filename: title }) }, ...cached(document) }]
    case 'text':
      changes.emulated(pathOf(at), 'text')
      return [{ type: 'text', text: titled(document, readPlainText(source, from).data), ...cached(document) }]
    case 'content': {
      changes.emulated(pathOf(at), 'text')
      const said = contentOf('content' in source ? source.content : undefined, `${from}/content`, changes)
      const head: Part[] = title || context ? [{ type: 'text', text: titled(document, '') }] : []
      return withCache([...head, ...(typeof said === 'string' ? [{ type: 'text' as const, text: said }] : said)], document.cache_control)
    }
    default:
      throw unsupported(`${from}/type`, source.type)
  }
}

/** A document that becomes text has its title and its context above it. */
const titled = ({ title, context }: { title?: string | null; context?: string | null }, text: string): string => [title, context, text].filter(Boolean).join('\n\n')

const dataUrl = ({ media_type: type, data }: { media_type: string; data: string }): string => `data:${type};base64,${data}`

const cached = ({ cache_control: control }: { cache_control?: CacheControl | null }) => (control ? { cache_control: control } : {})

/** The end of a prefix to cache is the last part of what it was said of. */
export function withCache(parts: readonly Part[], control: CacheControl | null | undefined): Part[] {
  return parts.map((part, place) => (control && place === parts.length - 1 && part.type !== 'refusal' ? { ...part, cache_control: control } : part))
}
