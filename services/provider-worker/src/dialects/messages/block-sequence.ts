import type { HubDelta, ReasoningDetail, ToolCallDelta } from '../../hub/hub.ts'
import { callSignatureOf, signatureOf, withoutText } from './thought-signatures.ts'
import type { Block, BlockDelta } from './wire.ts'

/** Takes an answer block by block; each is stopped before the next starts. */
export interface BlockSink {
  start(block: Block): void
  delta(delta: BlockDelta): void
  stop(): void
}

type Piece =
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'detail'; readonly detail: ReasoningDetail }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCallDelta }

type Open = OpenText | OpenThought | OpenCall

interface OpenText {
  readonly kind: 'text'
}

interface OpenThought {
  readonly kind: 'thought'
  /** What its provider wants back, as far as it came; it is told when the block is over. */
  detail: ReasoningDetail | undefined
}

interface OpenCall {
  readonly kind: 'call'
  readonly index: number
  readonly id: string
  json: string
}

/**
 * Puts the pieces of an answer, which in the hub may come in any order, into blocks that follow one another. A block is over when something else
 * comes; a tool call only when its arguments are whole too, and until then all else waits.
 */
export class BlockSequence {
  readonly #sink: BlockSink
  /** For calls to which the provider gave no id. */
  readonly #idBase: string
  readonly #calls = new Set<string>()
  #open: Open | undefined
  #waiting: Piece[] = []
  refused = false

  constructor(sink: BlockSink, idBase: string) {
    this.#sink = sink
    this.#idBase = idBase
  }

  /** What was said so far, as far as it decides how the answer ended. */
  get said(): { calls: boolean; refused: boolean } {
    return { calls: this.#calls.size > 0, refused: this.refused }
  }

  take({ reasoning_content: thought, reasoning_details: details, content, refusal, tool_calls: calls }: HubDelta): void {
    // The details say the same once more, in the pieces that their provider wants back.
    if (thought && !details?.some(textOf)) this.#take({ kind: 'thought', text: thought })
    if (details) for (const detail of details) this.#take({ kind: 'detail', detail })
    if (content) this.#take({ kind: 'text', text: content })
    if (refusal) {
      this.refused = true
      this.#take({ kind: 'text', text: refusal })
    }
    if (calls) for (const call of calls) this.#take({ kind: 'call', call })
  }

  /** Nothing follows. */
  finish(): void {
    this.#close()
    while (this.#waiting.length > 0) {
      this.#release()
      this.#close()
    }
  }

  #take(piece: Piece): void {
    const open = this.#open
    if (open?.kind === 'call' && !(piece.kind === 'call' && continues(open, piece.call)) && !isJson(open.json)) {
      this.#waiting.push(piece)
      return
    }
    if (piece.kind === 'text') this.#text(piece.text)
    else if (piece.kind === 'thought') this.#thought(piece.text)
    else if (piece.kind === 'detail') this.#detail(piece.detail)
    else this.#call(piece.call)
  }

  #text(text: string): void {
    if (this.#open?.kind !== 'text') {
      this.#start({ kind: 'text' })
      this.#sink.start({ type: 'text', text: '' })
    }
    this.#sink.delta({ type: 'text_delta', text })
  }

  #thought(text: string): void {
    if (this.#open?.kind !== 'thought' || isHidden(this.#open.detail)) {
      this.#start({ kind: 'thought', detail: undefined })
      this.#sink.start({ type: 'thinking', thinking: '', signature: '' })
    }
    this.#sink.delta({ type: 'thinking_delta', thinking: text })
  }

  #detail(detail: ReasoningDetail): void {
    const open = this.#open
    if (open?.kind === 'thought' && extendsDetail(open.detail, detail)) {
      open.detail = merged(open.detail, detail)
    } else {
      this.#start({ kind: 'thought', detail: withoutText(detail) })
      if (!isHidden(detail)) this.#sink.start({ type: 'thinking', thinking: '', signature: '' })
    }
    const text = textOf(detail)
    if (text) this.#sink.delta({ type: 'thinking_delta', thinking: text })
  }

  #call(call: ToolCallDelta): void {
    let open = this.#open
    if (open?.kind !== 'call' || !continues(open, call)) {
      const id = call.id || `toolu_${this.#idBase}_${call.index ?? 0}`
      // The rest of a call that was whole already.
      if (this.#calls.has(id)) return
      this.#close()
      if (call.extra_content !== undefined) this.#extra(id, call.extra_content)
      this.#calls.add(id)
      this.#open = open = { kind: 'call', index: call.index, id, json: '' }
      this.#sink.start({ type: 'tool_use', id, name: call.function?.name ?? '', input: {} })
    }
    const piece = call.function?.arguments
    if (!piece) return
    open.json += piece
    this.#sink.delta({ type: 'input_json_delta', partial_json: piece })
    if (this.#waiting.length > 0 && isJson(open.json)) {
      this.#close()
      this.#release()
    }
  }

  /** What a provider wants back with a call has no place in the call: a thought without words carries it. */
  #extra(id: string, extra: unknown): void {
    this.#sink.start({ type: 'thinking', thinking: '', signature: '' })
    this.#sink.delta({ type: 'signature_delta', signature: callSignatureOf(id, extra) })
    this.#sink.stop()
  }

  #start(open: Open): void {
    this.#close()
    this.#open = open
  }

  #close(): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    if (open.kind === 'thought' && open.detail) {
      const signature = signatureOf(open.detail)
      if (isHidden(open.detail)) this.#sink.start({ type: 'redacted_thinking', data: signature })
      else if (signature !== '') this.#sink.delta({ type: 'signature_delta', signature })
    }
    this.#sink.stop()
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const piece of waiting) this.#take(piece)
  }
}

const textOf = (detail: ReasoningDetail): string | undefined => detail.text || detail.summary || undefined

const isHidden = (detail: ReasoningDetail | undefined): boolean => detail?.type === 'reasoning.encrypted'

/** Some servers give every call the same index, and some repeat the id in every piece. */
const continues = (open: OpenCall, { index, id }: ToolCallDelta): boolean => open.index === index && (!id || id === open.id)

function extendsDetail(open: ReasoningDetail | undefined, next: ReasoningDetail): boolean {
  if (!open) return !isHidden(next)
  if (isHidden(open) || isHidden(next)) return open.type === next.type && next.index !== undefined && open.index === next.index
  return next.index === undefined || open.index === undefined || open.index === next.index
}

function merged(open: ReasoningDetail | undefined, next: ReasoningDetail): ReasoningDetail {
  const rest = withoutText(next)
  if (!open) return rest
  // Data comes in pieces. A signature is always whole, and some servers repeat it.
  const said = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return { ...open, ...Object.fromEntries(said), ...(rest.data && { data: (open.data ?? '') + rest.data }) }
}

function isJson(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
