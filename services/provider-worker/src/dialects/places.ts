import type { PlaceOf } from '../hub/changes.ts'
import type { HubMessage } from '../hub/hub.ts'

/** Where a client said something, as a path in its request, and by the hub's names what of it is elsewhere; undefined is what it did not say. */
export interface Place {
  readonly at: string
  readonly elsewhere?: Names
}

/** Where it said one message of the hub; a member without a name there is known to be in it, but not where. */
export interface MessagePlace {
  readonly at: string
  readonly members: Names
  /** Of its parts, where its content has such. */
  readonly parts?: readonly Place[]
  readonly calls?: readonly Place[]
}

/** A message of the hub, and where the client said it. */
export interface Said {
  readonly message: HubMessage
  readonly place: MessagePlace
}

/** By the hub's names the client's. A name stands also for all below it that has none of its own. */
export type Names = Readonly<Record<string, string | undefined>>

/** How a client names things. */
export interface Naming {
  /** Of the request: paths in it. */
  readonly fields: Names
  /** Of a part: names inside it, '' for the part itself. */
  readonly part: Names
  /** Of a call of a tool: the same. */
  readonly call: Names
}

const MESSAGE = /^messages\[(\d+)\](?:\.(content|tool_calls)\[(\d+)\])?\.?(.*)$/

/** Finds in the client's request what a hub request calls by a path, from where each of its messages came. */
export function placesIn({ fields, part, call }: Naming, messages: readonly MessagePlace[]): PlaceOf {
  return path => {
    const [, number, list, position, inner = ''] = MESSAGE.exec(path) ?? []
    const message = number === undefined ? undefined : messages[Number(number)]
    if (!message) return full(found(number === undefined ? path : 'messages', fields) ?? { name: path, rest: '' })
    if (list === undefined) return full(found(inner, message.members) ?? { name: message.at, rest: '' })
    const place = (list === 'content' ? message.parts : message.calls)?.[Number(position)]
    if (place) return inside(place, inner, list === 'content' ? part : call)
    // What is a part there may be a mere text here.
    return list in message.members ? message.members[list] : message.at
  }
}

function inside({ at, elsewhere = {} }: Place, inner: string, names: Names): string | undefined {
  const moved = found(inner, elsewhere)
  if (moved) return full(moved)
  const { name, rest } = found(inner, names) ?? { name: inner, rest: '' }
  const below = `${name ?? ''}${rest}`.replace(/^\./, '')
  return below === '' ? at : `${at}.${below}`
}

interface Found {
  readonly name: string | undefined
  readonly rest: string
}

const full = ({ name, rest }: Found): string | undefined => (name === undefined ? undefined : name + rest)

/** The name of the longest beginning of a path that has one, and what follows. */
function found(path: string, names: Names): Found | undefined {
  for (let end = path.length; end > 0; end = Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1))) {
    const beginning = path.slice(0, end)
    if (Object.hasOwn(names, beginning)) return { name: names[beginning], rest: path.slice(end) }
  }
  return undefined
}
