import { type Change, withMembers } from '../../json-fields.ts'
import type { End, GenerateRequest, Identity, StreamReader } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { ChatProgress } from './progress.ts'

const DONE = Buffer.from('data: [DONE]\n\n')

const NO_USAGE = new Map<string, Change>([['usage', () => undefined]])

/** Reads a chat stream for a client of the same dialect: passes every chunk as it came, but for usage that the client did not ask for. */
export class ChatStream implements StreamReader {
  readonly #progress: ChatProgress
  readonly #includeUsage: boolean

  /** `choices`: as for `ChatProgress`. */
  constructor(identity: Identity, request: GenerateRequest, choices: () => number) {
    this.#progress = new ChatProgress(identity, choices)
    this.#includeUsage = request.includeUsage
  }

  get speaking(): boolean {
    return this.#progress.speaking
  }

  get done(): boolean {
    return this.#progress.done
  }

  get end(): End {
    return this.#progress.end
  }

  read({ raw, data }: SseEvent): Uint8Array | undefined {
    const chunk = this.#progress.take(data)
    if (!chunk) return undefined
    const { choices, usage } = chunk
    if (this.#includeUsage || usage === undefined || usage === null) return raw
    // Every upstream is asked for usage; who did not ask is shown none, as OpenAI has it: clients would add it up or show it.
    return Array.isArray(choices) && choices.length > 0 ? withoutUsage(data) : undefined
  }

  close(): Uint8Array {
    this.#progress.close()
    return DONE
  }
}

/** A line feed between lines of data is no part of any text in it: in an event of one line a blank will do. */
const withoutUsage = (data: string): Uint8Array =>
  Buffer.concat([Buffer.from('data: '), withMembers(Buffer.from(data.replaceAll('\n', ' ')), NO_USAGE), Buffer.from('\n\n')])
