import { GatewayError } from '@gomodel/contracts'
import { Type, type TSchema } from 'typebox'
import type { Changes } from '../../hub/changes.ts'
import { CacheControl, type Part } from '../../hub/hub.ts'
import type { Place as PartPlace } from '../places.ts'
import { checked, shape, unsupported } from './field-check.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const cache = { cache_control: orNull(CacheControl) }

const TEXT = shape(Type.Object({ type: Type.String(), text: Type.String(), ...cache }), ['annotations', 'logprobs'])
const REFUSAL = shape(Type.Object({ type: Type.String(), refusal: Type.String() }))
const IMAGE = shape(Type.Object({ type: Type.String(), image_url: orNull(Type.String()), file_id: orNull(Type.String()), detail: orNull(Type.String()), ...cache }))
const FILE = shape(
  Type.Object({ type: Type.String(), file_data: orNull(Type.String()), file_id: orNull(Type.String()), file_url: orNull(Type.String()), filename: orNull(Type.String()), ...cache }),
)
const AUDIO = shape(Type.Object({ type: Type.String(), input_audio: Type.Object({ data: Type.String(), format: Type.String() }), ...cache }))

/** Where in the request something stands. */
export interface Place {
  readonly at: string
  readonly changes: Changes
}

/** What a message or the output of a tool says, in the hub's words. Throws where a part is of a kind that no chat has. */
export function readContent(content: string | readonly object[], { at, changes }: Place): string | Part[] {
  if (typeof content === 'string') return content
  const parts = content.map((part, index) => readPart(part, { at: `${at}[${index}]`, changes }))
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' && !only.cache_control ? only.text : parts
}

/** Where each part of content is that was read from a list. */
export const partPlaces = (parts: readonly Part[], at: string): PartPlace[] => parts.map((_, index) => ({ at: `${at}[${index}]` }))

function readPart(part: object, place: Place): Part {
  const type: unknown = 'type' in part ? part.type : undefined
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const { text, cache_control } = checked(TEXT, part, place)
      return { type: 'text', text, ...(cache_control && { cache_control }) }
    }
    case 'refusal':
      return { type: 'refusal', refusal: checked(REFUSAL, part, place).refusal }
    case 'input_image':
      return readImage(part, place)
    case 'input_file':
      return readFile(part, place)
    case 'input_audio': {
      const { input_audio, cache_control } = checked(AUDIO, part, place)
      return { type: 'input_audio', input_audio, ...(cache_control && { cache_control }) }
    }
  }
  if (typeof type !== 'string') throw new GatewayError('invalid_request', `${place.at}.type is required`, { param: `${place.at}.type` })
  throw unsupported(`${place.at}.type`, `${place.at} is of a kind that is not known here: ${type.slice(0, 60)}`)
}

function readImage(part: object, place: Place): Part {
  const { image_url: url, file_id: id, detail, cache_control } = checked(IMAGE, part, place)
  if (typeof url === 'string') return { type: 'image_url', image_url: { url, ...(typeof detail === 'string' && { detail }) }, ...(cache_control && { cache_control }) }
  if (typeof id === 'string') throw unsupported(`${place.at}.file_id`, 'this provider has no Responses API of its own, and images are kept by one only: send image_url')
  throw new GatewayError('invalid_request', `${place.at}.image_url is required`, { param: `${place.at}.image_url` })
}

function readFile(part: object, place: Place): Part {
  const { file_data: data, file_id: id, file_url: url, filename, cache_control } = checked(FILE, part, place)
  if (typeof url === 'string') throw unsupported(`${place.at}.file_url`, 'this provider does not fetch files: send file_data')
  if (typeof data !== 'string' && typeof id !== 'string') throw new GatewayError('invalid_request', `${place.at}.file_data is required`, { param: `${place.at}.file_data` })
  const file = { ...(typeof data === 'string' && { file_data: data }), ...(typeof id === 'string' && { file_id: id }), ...(typeof filename === 'string' && { filename }) }
  return { type: 'file', file, ...(cache_control && { cache_control }) }
}
