import type { Changes } from '../../hub/changes.ts'
import type { FilePart, HubMessage, ImagePart, Part } from '../../hub/hub.ts'
import type { ContentBlock, Source, TextBlock } from './blocks.ts'
import { invalid, unsupported } from './refusals.ts'

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** What a message says, in blocks; `where` is its place in the request. Blank text, which the provider refuses, is left out. */
export function blocksOf(content: HubMessage['content'], where: string, changes: Changes): ContentBlock[] {
  if (typeof content === 'string') return isBlank(content) ? [] : [{ type: 'text', text: content }]
  const blocks = (content ?? []).map((part, at) => blockOf(part, `${where}.content[${at}]`, changes))
  return blocks.filter(block => block.type !== 'text' || !isBlank(block.text))
}

/** The same where only text can stand. */
export function textsOf(content: HubMessage['content'], where: string, changes: Changes): TextBlock[] {
  return blocksOf(content, where, changes).map((block, at) => {
    if (block.type === 'text') return block
    throw unsupported(`${where}.content[${at}]`, 'can only be text here')
  })
}

export const isBlank = (text: string): boolean => text.trim() === ''

function blockOf(part: Part, where: string, changes: Changes): ContentBlock {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cacheOf(part) }
    case 'refusal':
      return { type: 'text', text: part.refusal }
    case 'image_url':
      return { ...imageOf(part, where, changes), ...cacheOf(part) }
    case 'file':
      return { ...documentOf(part, where), ...cacheOf(part) }
    case 'input_audio':
      throw unsupported(where, 'is sound, which the provider does not take')
  }
}

function imageOf({ image_url: { url, detail } }: ImagePart, where: string, changes: Changes): ContentBlock {
  if (detail !== undefined && detail !== 'auto') changes.dropped(`${where}.image_url.detail`)
  if (isWebAddress(url)) return { type: 'image', source: { type: 'url', url } }
  const { mediaType, data } = dataUrl(url, `${where}.image_url.url`)
  if (!IMAGE_TYPES.includes(mediaType)) throw unsupported(`${where}.image_url.url`, `must be one of ${IMAGE_TYPES.join(', ')}`)
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } }
}

function documentOf({ file: { file_data: data, file_id: id, filename } }: FilePart, where: string): ContentBlock {
  const title = filename === undefined ? {} : { title: filename }
  if (id !== undefined) return { type: 'document', source: { type: 'file', file_id: id }, ...title }
  if (data === undefined) throw invalid(`${where}.file`, 'has neither file_data nor file_id')
  return { type: 'document', source: sourceOf(data, `${where}.file.file_data`), ...title }
}

function sourceOf(address: string, where: string): Source {
  if (isWebAddress(address)) return { type: 'url', url: address }
  const { mediaType, data } = dataUrl(address, where)
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data }
  if (mediaType === 'text/plain') return { type: 'text', media_type: mediaType, data: Buffer.from(data, 'base64').toString() }
  throw unsupported(where, 'must be a PDF or plain text')
}

/** Takes a data URL apart without a pattern over its megabytes. */
function dataUrl(url: string, where: string): { mediaType: string; data: string } {
  const comma = url.indexOf(',')
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(0, comma)).toLowerCase().split(';')
  if (!url.startsWith('data:') || parameters.at(-1) !== 'base64') throw unsupported(where, 'must be a base64 data URL or an address on the web')
  return { mediaType: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType, data: url.slice(comma + 1) }
}

const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url)

const cacheOf = ({ cache_control: cache }: Exclude<Part, { type: 'refusal' }>) => (cache ? { cache_control: cache } : {})
