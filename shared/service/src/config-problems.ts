import { isTree } from './config-file.ts'
import { configSchema, type Shape } from './config-schema.ts'
import { nearestName } from './nearest-name.ts'
import type { ConfigTree } from './parse-config.ts'

/** What in a YAML file is unknown, or not of the kind that its place takes; each names its full path, and no value. */
export const configProblems = (content: ConfigTree): string[] => problemsAt(content, configSchema as Shape, '')

/** Every place of the schema, `*` for keys that the operator chooses. */
export function placesOf(shape: Shape = configSchema as Shape, path = ''): string[] {
  if (shape.anyOf) return shape.anyOf.flatMap(choice => placesOf(choice, path))
  const below = Object.entries(shape.properties ?? {}).concat(Object.values(shape.patternProperties ?? {}).map(value => ['*', value]))
  if (below.length === 0) return shape.items ? placesOf(shape.items, path) : [path]
  return [path, ...below.flatMap(([key, value]) => placesOf(value, joined(path, key)))].filter(place => place !== '')
}

function problemsAt(value: unknown, shape: Shape, path: string): string[] {
  // A section of which every line is a comment.
  if (value === null || value === undefined) return []
  if (shape.anyOf) {
    const fitting = shape.anyOf.find(choice => fits(value, choice))
    return fitting ? problemsAt(value, fitting, path) : [`${path} must be ${inWords(shape)}`]
  }
  if (!fits(value, shape)) return [`${path} must be ${inWords(shape)}`]
  if (Array.isArray(value)) return value.flatMap((item, index) => problemsAt(item, shape.items ?? {}, `${path}[${index}]`))
  if (!isTree(value) || shape.type !== 'object') return []
  const anyKey = Object.values(shape.patternProperties ?? {})[0]
  return Object.entries(value).flatMap(([key, part]) => {
    const known = anyKey ?? (Object.hasOwn(shape.properties ?? {}, key) ? shape.properties?.[key] : undefined)
    return known ? problemsAt(part, known, joined(path, key)) : [unknownKey(path, key, shape)]
  })
}

function unknownKey(path: string, key: string, { properties = {} }: Shape): string {
  const sibling = nearestName(key, Object.keys(properties))
  // A key that is right but stands in the wrong section.
  const elsewhere = placesOf().find(place => place.endsWith(`.${key}`) && !place.includes('*'))
  const meant = sibling === undefined ? elsewhere : joined(path, sibling)
  return `${joined(path, key)} is unknown${meant ? `, the nearest is ${meant}` : ''}`
}

const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

function fits(value: unknown, { type, anyOf }: Shape): boolean {
  if (anyOf) return anyOf.some(choice => fits(value, choice))
  if (type === undefined) return true
  if (type === 'object') return isTree(value)
  return type === 'array' ? Array.isArray(value) : type === typeof value
}

function inWords({ type, anyOf }: Shape): string {
  if (anyOf) return [...new Set(anyOf.map(inWords))].join(' or ')
  if (type === 'object') return 'a section'
  return type === 'array' ? 'a list' : 'a single value'
}
