import type { HubAnswerMessage, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import type { End, HubAnswer, Identity } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { unasked } from '../whole-body.ts'
import { REASONING_FORMAT } from './blocks.ts'
import { annotationsOf } from './citations.ts'
import { objectIn } from './error.ts'
import { finishOf, isNatural } from './stop-reason.ts'
import { mergedUsage, usageOf } from './usage.ts'

type Given = Readonly<Record<string, unknown>>

/** A whole answer in the hub's words; what the answer tool, if there is one, was called with is what the model says. Throws when it is none. */
export function hubAnswer(identity: Identity, body: Uint8Array, answerTool?: string): HubAnswer {
  const message = messageIn(identity, body)
  const parts = new AnswerParts(answerTool)
  for (const block of message.content) if (isRecord(block)) parts.add(block)
  const native = stopReasonOf(message)
  const finish = native === undefined ? null : finishOf(native)
  const finished = finish === 'tool_calls' && parts.calls.length === 0 ? 'stop' : finish
  const usage = usageOf(mergedUsage(undefined, message.usage), 'final')
  const end: End = { ...(usage && { usage }), ...(finished !== null && { finish: finished }), natural: isNatural(native) }
  return {
    completion: {
      id: String(message.id ?? ''),
      object: 'chat.completion',
      created: 0,
      model: String(message.model ?? ''),
      choices: [{ index: 0, message: parts.message(refusalOf(message)), finish_reason: finished, ...(native !== undefined && { native_finish_reason: native }) }],
    },
    end,
  }
}

/** The message that a whole answer is; throws when it is none. */
export function messageIn(identity: Identity, body: Uint8Array): Given & { readonly content: readonly unknown[] } {
  const message = objectIn(identity, textOf(body))
  const { content } = message
  if (!Array.isArray(content)) throw unasked(identity, 'without content')
  return { ...message, content }
}

/** The bytes as text. */
export const textOf = (body: Uint8Array): string => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()

/** Why a whole message ended. */
export const stopReasonOf = ({ stop_reason: reason }: Given): string | undefined => (typeof reason === 'string' ? reason : undefined)

function refusalOf({ stop_reason: reason, stop_details: details }: Given): string | undefined {
  return reason === 'refusal' && isRecord(details) && typeof details.explanation === 'string' ? details.explanation : undefined
}

/** Gathers the blocks of a message. What the provider's own tools did is not for the caller to do again, and left out. */
class AnswerParts {
  readonly calls: ToolCall[] = []
  readonly #answerTool: string | undefined
  readonly #details: ReasoningDetail[] = []
  readonly #annotations: unknown[] = []
  #text: string | undefined
  #thoughts: string | undefined
  #answer: string | undefined

  constructor(answerTool: string | undefined) {
    this.#answerTool = answerTool
  }

  add(block: Given): void {
    const index = this.#details.length
    switch (block.type) {
      case 'text':
        this.#addText(String(block.text ?? ''), block.citations)
        break
      case 'thinking':
        this.#thoughts = (this.#thoughts ?? '') + String(block.thinking ?? '')
        this.#details.push({
          type: 'reasoning.text',
          text: String(block.thinking ?? ''),
          ...(typeof block.signature === 'string' && { signature: block.signature }),
          format: REASONING_FORMAT,
          index,
        })
        break
      case 'redacted_thinking':
        this.#details.push({ type: 'reasoning.encrypted', data: String(block.data ?? ''), format: REASONING_FORMAT, index })
        break
      case 'tool_use':
        this.#addCall(block)
    }
  }

  message(refusal: string | undefined): HubAnswerMessage {
    return {
      role: 'assistant',
      content: this.#answer ?? this.#text ?? null,
      ...(refusal !== undefined && { refusal }),
      ...(this.calls.length > 0 && { tool_calls: this.calls }),
      ...(this.#thoughts && { reasoning_content: this.#thoughts }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(this.#annotations.length > 0 && { annotations: this.#annotations }),
    }
  }

  #addText(text: string, citations: unknown): void {
    const from = this.#text?.length ?? 0
    this.#text = (this.#text ?? '') + text
    this.#annotations.push(...annotationsOf(citations, { from, to: from + text.length }))
  }

  #addCall({ id, name, input }: Given): void {
    const text = JSON.stringify(input ?? {})
    if (name === this.#answerTool) this.#answer ??= text
    else this.calls.push({ id: String(id ?? ''), type: 'function', function: { name: String(name ?? ''), arguments: text } })
  }
}
