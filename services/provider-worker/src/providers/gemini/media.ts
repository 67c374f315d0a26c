import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { FilePart, Part } from '../../hub/hub.ts'
import type { Fields } from './fields.ts'

const FILES_URL = 'https://generativelanguage.googleapis.com/'

/** Content as Gemini's parts. `where` is its path in the request. */
export function partsOf(content: string | readonly Part[] | null | undefined, where: string, changes: Changes): Fields[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }]
  return (content ?? []).flatMap((part, place) => partOf(part, `${where}[${place}]`, changes))
}

// Gemini refuses an empty text, and one says nothing.
function partOf(part: Part, where: string, changes: Changes): Fields[] {
  if ('cache_control' in part && part.cache_control) changes.dropped(`${where}.cache_control`)
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'refusal':
      return part.refusal === '' ? [] : [{ text: part.refusal }]
    case 'image_url': {
      const { url, detail } = part.image_url
      if (detail !== undefined && detail !== 'auto') changes.dropped(`${where}.image_url.detail`)
      return [mediaAt(url, `${where}.image_url.url`)]
    }
    case 'input_audio':
      return [{ inlineData: { mimeType: `audio/${part.input_audio.format}`, data: part.input_audio.data } }]
    case 'file':
      return [fileOf(part, `${where}.file`, changes)]
  }
}

function fileOf({ file }: FilePart, where: string, changes: Changes): Fields {
  const { file_data: data, file_id: id, filename } = file
  if (filename !== undefined) changes.dropped(`${where}.filename`)
  if (data !== undefined) return mediaAt(data, `${where}.file_data`)
  if (id === undefined) throw new GatewayError('invalid_request', `${where} has neither file_data nor file_id`, { param: where })
  return mediaAt(id.startsWith('files/') ? `${FILES_URL}v1beta/${id}` : id, `${where}.file_id`)
}

/** What is in a data URL, or in a file that Google already has. */
export function mediaAt(url: string, param: string): Fields {
  if (url.startsWith('data:')) return inlined(url, param)
  const known = url.startsWith('gs://') || (url.startsWith(FILES_URL) && url.includes('/files/'))
  if (known) return { fileData: { fileUri: url } }
  throw new GatewayError('unsupported', `${param} must be a data URL, a file uploaded to Gemini or a gs:// address: Gemini fetches nothing else, and the gateway does not download`, { param })
}

function inlined(url: string, param: string): Fields {
  const comma = url.indexOf(',')
  const [mimeType = '', ...attributes] = url.slice('data:'.length, Math.max(comma, 0)).split(';')
  if (mimeType !== '' && attributes.at(-1) === 'base64') return { inlineData: { mimeType, data: url.slice(comma + 1) } }
  throw new GatewayError('invalid_request', `${param} is not a data URL with a media type and base64`, { param })
}
