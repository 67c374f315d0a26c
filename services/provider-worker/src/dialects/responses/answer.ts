import { hash } from 'node:crypto'
import { responseId } from '@gomodel/contracts'
import type { HubChunk, HubCompletion } from '../../hub/hub.ts'
import type { DialectWriter, End, GenerateRequest, HubAnswer } from '../../provider.ts'
import { Output } from './output.ts'
import type { Emit } from './output-types.ts'
import { type ResponsesRequest, wantsEncrypted } from './request.ts'
import { type ResponseObject, begunResponse, endedResponse } from './response-object.ts'

/** One request and what the gateway says of it. */
export interface Asked {
  readonly spoken: ResponsesRequest
  readonly request: GenerateRequest
}

/** A whole answer of a chat as a response. */
export function wholeResponse(asked: Asked, { completion, end }: HubAnswer): Uint8Array {
  const digest = digestOf(asked, completion.id)
  const choice = completion.choices.find(({ index }) => index === 0) ?? completion.choices[0]
  const output = new Output(digest, () => undefined, { encrypted: wantsEncrypted(asked.spoken) })
  if (choice) {
    const { message } = choice
    output.take({ ...message, tool_calls: (message.tool_calls ?? []).map((call, index) => ({ ...call, index })) }, logprobsIn(choice))
  }
  const begun = begunResponse(asked, { ...completion, id: responseId(digest) })
  const ended = endedResponse(begun, { finish: choice?.finish_reason ?? end.finish, usage: end.usage })
  output.close(statusOf(ended))
  return Buffer.from(JSON.stringify({ ...ended, output: output.items }))
}

/** Writes a chat that is streamed as the events of a response. */
export class ResponseWriter implements DialectWriter {
  readonly #asked: Asked
  #sequence = 0
  #text = ''
  #begun: { readonly response: ResponseObject; readonly output: Output } | undefined
  #finish: string | undefined

  constructor(asked: Asked) {
    this.#asked = asked
  }

  chunk(chunk: HubChunk): Uint8Array | undefined {
    const choice = chunk.choices.find(({ index }) => index === 0)
    // Azure's first chunk has no choice, and neither id, model nor time.
    if (!choice) return undefined
    const { output } = this.#begin(chunk)
    output.take(choice.delta, logprobsIn(choice))
    if (choice.finish_reason !== null) this.#finish = choice.finish_reason
    return this.#written()
  }

  close(end: End): Uint8Array {
    const { response, output } = this.#begin({ id: '', created: 0, model: '' })
    const ended = endedResponse(response, { finish: this.#finish ?? end.finish, usage: end.usage })
    output.close(statusOf(ended))
    this.#emit(`response.${ended.status}`, { response: { ...ended, output: output.items } })
    return this.#written() ?? Buffer.alloc(0)
  }

  #begin(first: Pick<HubCompletion, 'id' | 'created' | 'model'>): { readonly response: ResponseObject; readonly output: Output } {
    if (this.#begun) return this.#begun
    const digest = digestOf(this.#asked, first.id)
    const response = begunResponse(this.#asked, { ...first, id: responseId(digest) })
    this.#begun = { response, output: new Output(digest, this.#emit, { encrypted: wantsEncrypted(this.#asked.spoken) }) }
    this.#emit('response.created', { response })
    this.#emit('response.in_progress', { response })
    return this.#begun
  }

  readonly #emit: Emit = (type, fields) => {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence++, ...fields })}\n\n`
  }

  #written(): Uint8Array | undefined {
    if (this.#text === '') return undefined
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    return bytes
  }
}

/** Derived: the same call of the same model has the same ids, and no two have. */
const digestOf = ({ request }: Asked, completionId: string): string => hash('sha256', `${request.requestId}\n${completionId}`, 'hex').slice(0, 40)

const statusOf = ({ status }: ResponseObject): 'completed' | 'incomplete' => (status === 'incomplete' ? 'incomplete' : 'completed')

function logprobsIn({ logprobs }: { readonly logprobs?: unknown }): readonly unknown[] {
  const { content } = (logprobs ?? {}) as { content?: unknown }
  return Array.isArray(content) ? content : []
}
