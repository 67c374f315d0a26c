import type { Changes } from '../../hub/changes.ts'
import type { CacheControl, Part } from '../../hub/hub.ts'
import { pathOf } from '../../hub/read-chat.ts'
import type { Place } from '../places.ts'
import { noteUnread, unsupported } from './reader.ts'
import { readBase64, readBlocks, readFileId, readPlainText, readSourced, readText, readUrl } from './request-schema.ts'

/** A block of content as it was checked so far. */
export interface Block {
  readonly type: string
}

/** A part of the hub, and the block that says it. */
export interface PlacedPart {
  readonly part: Part
  readonly place: Place
}

const TEXT = new Set(['type', 'text', 'cache_control', 'citations'])
const IMAGE = new Set(['type', 'source', 'cache_control'])
const DOCUMENT = new Set(['type', 'source', 'cache_control', 'title', 'context', 'citations'])

/** The parts of the hub that say what a block says; undefined for a block of another kind. `at` is the pointer to it. */
export function partsOf(block: Block, at: string, changes: Changes): PlacedPart[] | undefined {
  switch (block.type) {
    case 'text':
      return [placed(textPart(block, at, changes), at)]
    case 'image':
      return [imagePart(block, at, changes)]
    case 'document':
      return documentParts(block, at, changes)
    default:
      return undefined
  }
}

const placed = (part: Part, at: string, elsewhere?: Place['elsewhere']): PlacedPart => ({ part, place: { at: pathOf(at), ...(elsewhere && { elsewhere }) } })

/** What is said in a string or in blocks. */
export function contentOf(content: unknown, at: string, changes: Changes): PlacedPart[] {
  if (typeof content === 'string') return [placed({ type: 'text', text: content }, at)]
  return readBlocks(content, at).flatMap((block, place) => {
    const where = `${at}/${place}`
    const found = partsOf(block, where, changes)
    if (!found) throw unsupported(`${where}/type`, block.type)
    return found
  })
}

/** The content of a message: a single text that nothing hangs on is a string, which every provider takes. */
export function plain(parts: readonly PlacedPart[]): string | Part[] {
  const only = parts[0]?.part
  if (!only) return ''
  return parts.length === 1 && only.type === 'text' && !only.cache_control ? only.text : parts.map(({ part }) => part)
}

function textPart(block: Block, at: string, changes: Changes): Part {
  const text = readText(block, at)
  noteUnread(block, TEXT, { at, changes })
  if ('citations' in block && Array.isArray(block.citations) && block.citations.length > 0) changes.dropped(pathOf(`${at}/citations`))
  return { type: 'text', text: text.text, ...cached(text) }
}

function imagePart(block: Block, at: string, changes: Changes): PlacedPart {
  const image = readSourced(block, at)
  noteUnread(block, IMAGE, { at, changes })
  const { source } = image
  const from = `${at}/source`
  if (source.type === 'file') return placed({ type: 'file', file: { file_id: readFileId(source, from).file_id }, ...cached(image) }, at)
  const url = source.type === 'base64' ? dataUrl(readBase64(source, from)) : source.type === 'url' ? readUrl(source, from).url : undefined
  if (url === undefined) throw unsupported(`${from}/type`, source.type)
  return placed({ type: 'image_url', image_url: { url }, ...cached(image) }, at, source.type === 'base64' ? { 'image_url.url': pathOf(`${from}/data`) } : undefined)
}

function documentParts(block: Block, at: string, changes: Changes): PlacedPart[] {
  const document = readSourced(block, at)
  noteUnread(block, DOCUMENT, { at, changes })
  if (document.citations?.enabled === true) changes.dropped(pathOf(`${at}/citations`))
  const { source, title, context } = document
  const from = `${at}/source`
  switch (source.type) {
    case 'base64':
      if (context) changes.dropped(pathOf(`${at}/context`))
      // A name that is made up here is no loss.
      return [placed({ type: 'file', file: { file_data: dataUrl(readBase64(source, from)), filename: title ?? 'document.pdf' }, ...cached(document) }, at, title ? undefined : { 'file.filename': undefined })]
    case 'file':
      if (context) changes.dropped(pathOf(`${at}/context`))
      return [placed({ type: 'file', file: { file_id: readFileId(source, from).file_id, ...(title && { filename: title }) }, ...cached(document) }, at)]
    case 'text':
      changes.emulated(pathOf(at), 'text')
      return [placed({ type: 'text', text: titled(document, readPlainText(source, from).data), ...cached(document) }, at)]
    case 'content': {
      changes.emulated(pathOf(at), 'text')
      const said = contentOf('content' in source ? source.content : undefined, `${from}/content`, changes)
      const head = title || context ? [placed({ type: 'text', text: titled(document, '') }, at)] : []
      return withCache([...head, ...said], document.cache_control, at)
    }
    default:
      throw unsupported(`${from}/type`, source.type)
  }
}

/** A document that becomes text has its title and its context above it. */
const titled = ({ title, context }: { title?: string | null; context?: string | null }, text: string): string => [title, context, text].filter(Boolean).join('\n\n')

const dataUrl = ({ media_type: type, data }: { media_type: string; data: string }): string => `data:${type};base64,${data}`

const cached = ({ cache_control: control }: { cache_control?: CacheControl | null }) => (control ? { cache_control: control } : {})

/** The end of a prefix to cache is the last part of what it was said of; `at` is the pointer to that. */
export function withCache(parts: readonly PlacedPart[], control: CacheControl | null | undefined, at: string): PlacedPart[] {
  const last = parts.at(-1) ?? placed({ type: 'text', text: '' }, at)
  if (!control || last.part.type === 'refusal') return [...parts]
  const elsewhere = { ...last.place.elsewhere, cache_control: pathOf(`${at}/cache_control`) }
  return [...parts.slice(0, -1), { part: { ...last.part, cache_control: control }, place: { ...last.place, elsewhere } }]
}
