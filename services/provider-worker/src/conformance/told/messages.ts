import { at, inputOf, listAt, numberAt, textAt } from '../read-json.ts'
import type { Ending, Fields, Mode, Spent, Told } from '../shapes.ts'
import { eventsIn } from './events.ts'

/** What a client of Anthropic's Messages API got. */
export function toldInMessages(bytes: Uint8Array, mode: Mode): Told {
  if (mode === 'whole') return toldBy(JSON.parse(Buffer.from(bytes).toString()), [])
  const faults: string[] = []
  return toldBy(messageOf(eventsIn(bytes), faults), faults)
}

const ENDINGS: Readonly<Record<string, Ending>> = { end_turn: 'stop', stop_sequence: 'stop', max_tokens: 'length', tool_use: 'calls', refusal: 'refused' }

function toldBy(message: unknown, faults: readonly string[]): Told {
  const blocks = listAt(message, 'content')
  const joined = (type: string, field: string): string => blocks.filter(block => block.type === type).map(block => textAt(block, field)).join('')
  return {
    text: joined('text', 'text'),
    thought: joined('thinking', 'thinking'),
    refusal: '',
    calls: blocks.filter(({ type }) => type === 'tool_use').map(block => ({ id: textAt(block, 'id'), name: textAt(block, 'name'), input: block.input })),
    second: undefined,
    likely: 0,
    ending: ENDINGS[textAt(message, 'stop_reason')],
    spent: spentIn(at(message, 'usage')),
    turn: [{ role: 'assistant', content: blocks }],
    faults,
  }
}

function spentIn(usage: unknown): Spent | undefined {
  const fresh = numberAt(usage, 'input_tokens')
  const output = numberAt(usage, 'output_tokens')
  if (fresh === undefined || output === undefined) return undefined
  const cached = numberAt(usage, 'cache_read_input_tokens') ?? 0
  return { input: fresh + cached + (numberAt(usage, 'cache_creation_input_tokens') ?? 0), output, cached, thought: numberAt(usage, 'output_tokens_details', 'thinking_tokens') ?? 0 }
}

/** The message that events tell, and every breach of their order. */
function messageOf(events: readonly unknown[], faults: string[]): unknown {
  const types = events.map(event => textAt(event, 'type')).filter(type => type !== 'ping')
  if (types[0] !== 'message_start' || types.lastIndexOf('message_start') !== 0) faults.push('it does not begin with one message_start')
  if (types.at(-1) !== 'message_stop' || types.at(-2) !== 'message_delta') faults.push('it does not end with message_delta and message_stop')
  const blocks = new OpenBlocks(faults)
  let message: Fields = {}
  for (const event of events) {
    const type = textAt(event, 'type')
    if (type === 'message_start') message = at(event, 'message') as Fields
    else if (type === 'message_delta') message = { ...message, ...(at(event, 'delta') as Fields), usage: { ...(message.usage as Fields), ...(at(event, 'usage') as Fields) } }
    else if (type.startsWith('content_block_')) blocks.take(type, event)
  }
  blocks.end()
  return { ...message, content: blocks.list }
}

class OpenBlocks {
  readonly list: Fields[] = []
  readonly #faults: string[]
  #open: Fields | undefined
  #json = ''

  constructor(faults: string[]) {
    this.#faults = faults
  }

  take(type: string, event: unknown): void {
    const index = numberAt(event, 'index')
    if (index !== this.list.length) this.#faults.push(`${type} is of block ${index} where ${this.list.length} is due`)
    if (type === 'content_block_start') this.#start(at(event, 'content_block') as Fields)
    else if (type === 'content_block_delta') this.#delta(at(event, 'delta'))
    else this.#stop()
  }

  end(): void {
    if (this.#open) this.#faults.push('its last block is not stopped')
  }

  #start(block: Fields): void {
    if (this.#open) this.#faults.push('a block starts inside another one')
    this.#open = block
    this.#json = ''
  }

  #delta(delta: unknown): void {
    if (!this.#open) return void this.#faults.push('a delta comes outside of any block')
    const open = this.#open
    switch (textAt(delta, 'type')) {
      case 'text_delta':
        return void (this.#open = { ...open, text: textAt(open, 'text') + textAt(delta, 'text') })
      case 'thinking_delta':
        return void (this.#open = { ...open, thinking: textAt(open, 'thinking') + textAt(delta, 'thinking') })
      case 'signature_delta':
        return void (this.#open = { ...open, signature: textAt(delta, 'signature') })
      case 'input_json_delta':
        this.#json += textAt(delta, 'partial_json')
        return
      default:
        this.#faults.push(`${textAt(delta, 'type')} is no delta`)
    }
  }

  #stop(): void {
    const open = this.#open
    if (!open) return void this.#faults.push('a block stops that did not start')
    this.#open = undefined
    this.list.push(open.type === 'tool_use' ? { ...open, input: inputOf(this.#json) } : open)
  }
}
