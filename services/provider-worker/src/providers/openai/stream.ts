import type { End, GenerateRequest, Identity, StreamReader } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { ChatProgress } from './progress.ts'

const DONE = Buffer.from('data: [DONE]\n\n')

/** Reads a chat stream for a client of the same dialect: passes every chunk as it came. */
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
    const usageAlone = usage !== undefined && usage !== null && (!Array.isArray(choices) || choices.length === 0)
    // Every upstream is asked for usage; the chunk that carries nothing else goes to who asked too.
    return usageAlone && !this.#includeUsage ? undefined : raw
  }

  close(): Uint8Array {
    this.#progress.close()
    return DONE
  }
}
