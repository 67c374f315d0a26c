import type { Usage } from '@gomodel/contracts'
import type { HubChunk } from '../../hub/hub.ts'
import { type End, type GenerateRequest, type HubReader, type Identity, ProviderError } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { blockOf, endOfAnswer, finishFields, headOf } from './answer-head.ts'
import { Candidate } from './candidate.ts'
import { type Fields, records, recordsInEvent } from './fields.ts'
import type { Finish } from './finish.ts'
import { geminiError } from './error.ts'
import { geminiUsage } from './usage.ts'

type Choice = HubChunk['choices'][number]

/** Reads a streamed answer. Gemini has no word for its end: it is over when the connection is, provided that all its candidates are. */
export class GeminiStream implements HubReader {
  readonly #identity: Identity
  readonly #request: GenerateRequest
  /** How many candidates were asked for. */
  readonly #wanted: number
  readonly #candidates = new Map<number, Candidate>()
  #blocked: Finish | undefined
  #usage: Usage | undefined
  readonly done = false

  constructor(identity: Identity, request: GenerateRequest, wanted: number) {
    this.#identity = identity
    this.#request = request
    this.#wanted = wanted
  }

  get end(): End {
    const finishes = new Map(this.#blocked ? [[0, this.#blocked]] : [...this.#candidates].map(([index, { finish }]) => [index, finish]))
    const usage = this.#usage && { ...this.#usage, source: this.#whole ? ('final' as const) : ('partial' as const) }
    const end = endOfAnswer(usage, finishes)
    // Fewer than were asked for may be all that there are, but nobody can tell.
    return this.#candidates.size < this.#wanted ? { ...end, natural: false } : end
  }

  read({ data }: SseEvent): readonly HubChunk[] {
    const complete = this.#whole && this.#candidates.size >= this.#wanted
    return recordsInEvent(this.#identity, data).flatMap(said => {
      // Running totals: the last one counts.
      this.#usage = geminiUsage(said.usageMetadata) ?? this.#usage
      if (complete || this.#blocked) return []
      if (said.error) throw geminiError(this.#identity, said.error)
      return this.#chunk(said)
    })
  }

  close(): readonly HubChunk[] {
    if (this.#whole) return []
    const { name: provider } = this.#identity
    throw new ProviderError('transport', 'provider_failed', `${provider} ended its answer early`, { provider })
  }

  get #whole(): boolean {
    return this.#blocked !== undefined || (this.#candidates.size > 0 && [...this.#candidates.values()].every(({ finish }) => finish !== undefined))
  }

  #chunk(said: Fields): HubChunk[] {
    const { id, created, model } = headOf(said, this.#request)
    const choices = records(said.candidates).flatMap((piece, place) => this.#choice(piece, place, id))
    if (this.#candidates.size === 0) {
      this.#blocked = blockOf(said)
      if (this.#blocked) choices.push({ index: 0, delta: { role: 'assistant', content: '' }, ...finishFields(this.#blocked) })
    }
    return choices.length > 0 ? [{ id, object: 'chat.completion.chunk', created, model, choices }] : []
  }

  #choice(piece: Fields, place: number, answerId: string): Choice[] {
    const index = typeof piece.index === 'number' ? piece.index : place
    let candidate = this.#candidates.get(index)
    if (!candidate) this.#candidates.set(index, (candidate = new Candidate(this.#identity, index)))
    const said = candidate.read(piece, answerId)
    if (!said || (!said.finish && said.logprobs === undefined && Object.keys(said.delta).length === 0)) return []
    return [{ index, delta: said.delta, ...finishFields(said.finish), ...(said.logprobs !== undefined && { logprobs: said.logprobs }) }]
  }
}
