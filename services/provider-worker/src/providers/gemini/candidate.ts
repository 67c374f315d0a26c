import type { HubDelta, ReasoningDetail, ToolCallDelta } from '../../hub/hub.ts'
import { type Identity, ProviderError } from '../../provider.ts'
import { GEMINI_FORMAT } from './assistant-parts.ts'
import { type Fields, record, records, text } from './fields.ts'
import { type Finish, finishOf } from './finish.ts'
import { citationsOf } from './grounding.ts'
import { logprobsOf } from './logprobs.ts'
import { PartialCall } from './partial-call.ts'

/** What a piece of a candidate adds to a choice. */
export interface Said {
  readonly delta: HubDelta
  readonly logprobs: unknown
  readonly finish: Finish | undefined
}

interface Draft {
  content: string
  thought: string
  readonly calls: ToolCallDelta[]
  readonly details: ReasoningDetail[]
  readonly images: unknown[]
  readonly files: unknown[]
}

/** Reads one candidate, in one piece or in many. */
export class Candidate {
  readonly #identity: Identity
  readonly #index: number
  #text = ''
  #calls = 0
  #details = 0
  #begun: PartialCall | undefined
  #grounding: Fields | undefined
  #speaks = false
  /** How it ended, once it did. */
  finish: Finish | undefined

  constructor(identity: Identity, index: number) {
    this.#identity = identity
    this.#index = index
  }

  /** What the next piece says; nothing once the candidate has ended. Throws when it ends in no answer. */
  read(piece: Fields, answerId: string): Said | undefined {
    if (this.finish) return undefined
    const draft: Draft = { content: '', thought: '', calls: [], details: [], images: [], files: [] }
    for (const part of records(record(piece.content)?.parts)) this.#part(part, draft, answerId)
    this.#text += draft.content
    this.#grounding = record(piece.groundingMetadata) ?? this.#grounding
    const calls = this.#calls > 0 || this.#begun !== undefined
    this.finish = finishOf(piece.finishReason, calls, this.#identity)
    if (this.finish) this.#endCall(draft, answerId)
    const annotations = this.finish ? citationsOf(this.#grounding, this.#text) : []
    const delta = {
      ...(this.#speaks ? {} : { role: 'assistant' as const }),
      ...(draft.content !== '' && { content: draft.content }),
      ...(draft.thought !== '' && { reasoning_content: draft.thought }),
      ...(draft.details.length > 0 && { reasoning_details: draft.details }),
      ...(draft.calls.length > 0 && { tool_calls: draft.calls }),
      ...(draft.images.length > 0 && { images: draft.images }),
      ...(draft.files.length > 0 && { files: draft.files }),
      ...(annotations.length > 0 && { annotations }),
    }
    this.#speaks = true
    return { delta, logprobs: logprobsOf(record(piece.logprobsResult)), finish: this.finish }
  }

  #part(part: Fields, draft: Draft, answerId: string): void {
    const signature = text(part.thoughtSignature)
    const call = record(part.functionCall)
    if (call) return this.#call(call, signature, { draft, answerId })
    // Also on a text that is empty: the signature is what the part is for.
    if (signature !== undefined) draft.details.push({ type: 'reasoning.encrypted', data: signature, format: GEMINI_FORMAT, index: this.#details++ })
    const said = text(part.text)
    if (said !== undefined) {
      if (part.thought === true) draft.thought += said
      else draft.content += said
    }
    const blob = record(part.inlineData)
    if (blob) this.#blob(blob, draft)
    const file = record(part.fileData)
    if (file) draft.files.push({ type: 'file', file: { file_id: file.fileUri } })
    draft.content += codeIn(part)
  }

  /** A picture is told as OpenRouter tells one, in `images` beside the text; what else there is, in `files`, in the shape of a request's. */
  #blob({ mimeType, data }: Fields, draft: Draft): void {
    const type = text(mimeType) ?? 'application/octet-stream'
    const url = `data:${type};base64,${text(data) ?? ''}`
    if (type.startsWith('image/')) draft.images.push({ type: 'image_url', image_url: { url } })
    else draft.files.push({ type: 'file', file: { file_data: url } })
  }

  /** A call comes in one part, or in several: the first has the name, the last has nothing. */
  #call(call: Fields, signature: string | undefined, { draft, answerId }: { draft: Draft; answerId: string }): void {
    const name = text(call.name)
    if (name !== undefined) this.#endCall(draft, answerId)
    if (name !== undefined && call.willContinue !== true && call.partialArgs === undefined) {
      this.#tell({ name, id: text(call.id), signature, args: JSON.stringify(record(call.args) ?? {}) }, draft, answerId)
      return
    }
    if (name !== undefined) this.#begun = new PartialCall(call, signature)
    if (this.#begun?.take(call) === false) {
      const { name: provider } = this.#identity
      throw new ProviderError('protocol', 'provider_failed', `${provider} sent a piece of a tool call that fits nowhere`, { provider })
    }
    if (call.willContinue !== true) this.#endCall(draft, answerId)
  }

  #endCall(draft: Draft, answerId: string): void {
    const begun = this.#begun
    this.#begun = undefined
    if (begun) this.#tell(begun, draft, answerId)
  }

  #tell(call: Pick<PartialCall, 'name' | 'id' | 'signature' | 'args'>, draft: Draft, answerId: string): void {
    const index = this.#calls++
    draft.calls.push({
      index,
      id: call.id ?? `call_${answerId.replaceAll(/[^\w-]/g, '')}_${this.#index}_${index}`,
      type: 'function',
      function: { name: call.name, arguments: call.args },
      ...(call.signature !== undefined && { extra_content: { google: { thought_signature: call.signature } } }),
    })
  }
}

/** Code that Gemini ran itself, and what came of it, as Markdown. */
function codeIn(part: Fields): string {
  const code = record(part.executableCode)
  const result = record(part.codeExecutionResult)
  if (code) return fenced(text(code.language)?.toLowerCase() ?? '', text(code.code) ?? '')
  return result ? fenced('', text(result.output) ?? '') : ''
}

const fenced = (language: string, body: string): string => `\n\`\`\`${language}\n${body.replace(/\n$/, '')}\n\`\`\`\n`
