/** The kinds of items that an answer of the Responses API is made of here. */
const PREFIXES = { message: 'msg', function_call: 'fc', reasoning: 'rs' } as const

export type ResponseItemKind = keyof typeof PREFIXES

/** No provider's ids go on like this. */
const MARK = 'gw'
const ITEM = new RegExp(`^(?:${Object.values(PREFIXES).join('|')})_${MARK}([0-9a-f]{40})[0-9a-f]{4}$`)

/** The id of a response that the gateway made: `digest` is 40 hexadecimal digits. */
export const responseId = (digest: string): string => `resp_${MARK}${digest}`

/** The id of one of its items; whose it is can be read from it, so that an item can be found by its id alone. */
export const responseItemId = (kind: ResponseItemKind, digest: string, index: number): string => `${PREFIXES[kind]}_${MARK}${digest}${index.toString(16).padStart(4, '0')}`

/** What the ids of all reasoning items of the gateway begin with. */
export const GATEWAY_REASONING = `${PREFIXES.reasoning}_${MARK}`

/** The response that an item belongs to; undefined when the gateway did not make it. */
export function responseOfItem(id: string): string | undefined {
  const digest = ITEM.exec(id)?.[1]
  return digest === undefined ? undefined : responseId(digest)
}
