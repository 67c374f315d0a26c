import { GatewayError } from '@gomodel/contracts'
import { Type, type TSchema } from 'typebox'
import type { HubMessage } from '../../hub/hub.ts'
import type { MessagePlace, Said } from '../places.ts'
import { AssistantTurn } from './assistant-turn.ts'
import { type Place, partPlaces, readContent } from './content.ts'
import { checked, shape, unsupported } from './field-check.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const Content = Type.Union([Type.String(), Type.Array(Type.Object({}))])
/** What every item may have and no model needs. */
const BOOKKEEPING = ['id', 'status']

const MESSAGE = shape(Type.Object({ type: Type.Optional(Type.String()), role: Type.Enum(['user', 'assistant', 'system', 'developer']), content: Content }), BOOKKEEPING)
const CALL = shape(
  Type.Object({ type: Type.String(), call_id: Type.String({ minLength: 1 }), name: Type.String({ minLength: 1 }), arguments: Type.String(), extra_content: Type.Optional(Type.Unknown()) }),
  BOOKKEEPING,
)
const OUTPUT = shape(Type.Object({ type: Type.String(), call_id: Type.String({ minLength: 1 }), output: Content }), BOOKKEEPING)
const REASONING = shape(
  Type.Object({
    type: Type.String(),
    id: orNull(Type.String()),
    summary: orNull(Type.Array(Type.Object({ text: Type.String() }))),
    content: orNull(Type.Array(Type.Object({ text: Type.String() }))),
    encrypted_content: orNull(Type.String()),
  }),
  BOOKKEEPING,
)

/** The conversation that a list of items tells, in the hub's words: what the model did between two words of others is one message. */
export function readItems(items: readonly object[], place: Place): Said[] {
  const all: Said[] = []
  let turn: AssistantTurn | undefined
  const close = (): void => {
    if (turn) all.push(turn.said)
    turn = undefined
  }
  const open = (): AssistantTurn => (turn ??= new AssistantTurn())
  for (const [index, item] of items.entries()) {
    const here = { ...place, at: `${place.at}[${index}]` }
    switch (typeOf(item, here)) {
      case 'message': {
        const { role, content } = checked(MESSAGE, item, here)
        if (role !== 'assistant' || turn?.hasSpoken) close()
        const said = readContent(content, { ...here, at: `${here.at}.content` })
        if (role === 'assistant') open().says(said, here.at)
        else all.push({ message: { role, content: said }, place: placeOf(said, here.at, 'content') })
        break
      }
      case 'reasoning':
        if (turn?.hasSpoken) close()
        open().thinks(checked(REASONING, item, here), here.at)
        break
      case 'function_call':
        open().calls(checked(CALL, item, here), here.at)
        break
      case 'function_call_output': {
        const { call_id: id, output } = checked(OUTPUT, item, here)
        close()
        const content = readContent(output, { ...here, at: `${here.at}.output` })
        all.push({ message: { role: 'tool', tool_call_id: id, content }, place: placeOf(content, here.at, 'output') })
        break
      }
      case 'item_reference':
        throw unsupported(`${here.at}.id`, `${here.at} refers to an item that is not kept here: send the item itself`)
      default:
        throw unsupported(`${here.at}.type`, `${here.at} is of a kind that a provider without a Responses API of its own does not know: ${String((item as { type: unknown }).type).slice(0, 60)}`)
    }
  }
  close()
  return all
}

/** Where a message is that is one item. */
const placeOf = (said: NonNullable<HubMessage['content']>, at: string, content: 'content' | 'output'): MessagePlace => ({
  at,
  members: { role: `${at}.role`, content: `${at}.${content}`, tool_call_id: `${at}.call_id` },
  ...(typeof said !== 'string' && { parts: partPlaces(said, `${at}.${content}`) }),
})

/** A message may leave its type out, and so may a reference. */
function typeOf(item: object, { at }: Place): unknown {
  if ('type' in item && item.type !== null) return item.type
  if ('role' in item) return 'message'
  if ('id' in item) return 'item_reference'
  throw new GatewayError('invalid_request', `${at}.type is required`, { param: `${at}.type` })
}
