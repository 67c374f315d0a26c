import type { Fields } from './shapes.ts'

/** The value at a path of members and positions; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string | number, unknown>>)[step]
  }
  return found
}

/** The objects in the list at a path; none where there is no list. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly Fields[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found.filter((entry): entry is Fields => typeof entry === 'object' && entry !== null) : []
}

/** The text at a path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path; undefined where there is none. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The text of content that is a text, or a list of parts with texts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map(part => (typeof part === 'string' ? part : textAt(part, 'text'))).join('') : ''
}

/** The values of every member of one of these names, however deep. */
export function everywhere(value: unknown, names: ReadonlySet<string>): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [...(names.has(name) ? [member] : []), ...everywhere(member, names)])
}

/** What the arguments of a call mean; nothing said is an empty object. */
export function inputOf(text: string): unknown {
  try {
    return JSON.parse(text.trim() === '' ? '{}' : text)
  } catch {
    return { notJson: text }
  }
}

/** The base64 of a data URL, or the address as it is. */
export const dataOf = (url: string): string => (url.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : url)

/** A server-sent event. */
export const sse = (data: unknown, event?: string): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
