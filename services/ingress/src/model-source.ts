import type { Change, Flown } from '@gomodel/contracts'
import type { Hit } from './answer-cache.ts'
import type { AnswerWatch, GenerateEndpoint } from './endpoints/endpoint.ts'
import type { Source } from './flights/flight.ts'
import { ModelCall, type CallParts, type Generated, type ModelRequest } from './model-call.ts'
import type { Outcome } from './outcome.ts'
import { OnePiece } from './pieces.ts'
import type { KeptResponses } from './responses/kept-responses.ts'

/** What it takes to ask a model on behalf of a request. */
export interface Asking {
  readonly parts: CallParts & { readonly kept: KeptResponses }
  readonly endpoint: GenerateEndpoint
  readonly asked: ModelRequest
  readonly outcome: Outcome
}

/** The answer of a model, from its first content on. `signal` ends the call. */
export async function modelSource({ parts, endpoint, asked, outcome }: Asking, signal: AbortSignal): Promise<Source> {
  const since = Date.now()
  const call = new ModelCall(parts, asked, { outcome, signal })
  const answer = await call.open()
  const watch = endpoint.watched?.(asked, answer, { archive: parts.kept, entry: outcome.entry })
  const pieces = asked.stream ? answer : new OnePiece(answer)
  return new ModelSource(call, answer, {
    head: flown(asked, { ...call.candidate, provider: answer.head.provider, changes: answer.head.changes }),
    bytes: watch ? watched(pieces, watch) : pieces,
    since,
  })
}

// A class: an object literal with a getter is made by the runtime each time.
class ModelSource implements Source {
  readonly head: Flown
  readonly bytes: AsyncIterable<Uint8Array>
  readonly since: number
  readonly #call: ModelCall
  readonly #answer: Generated

  constructor(call: ModelCall, answer: Generated, { head, bytes, since }: { head: Flown; bytes: AsyncIterable<Uint8Array>; since: number }) {
    this.head = head
    this.bytes = bytes
    this.since = since
    this.#call = call
    this.#answer = answer
  }

  get end(): Generated['end'] {
    return this.#answer.end
  }

  over(failure: unknown): void {
    if (failure === undefined) this.#call.ended(this.#answer)
    else this.#call.failed(failure)
  }
}

/** An answer that was found by its meaning, for those who wait for one. */
export function hitSource(hit: Hit, asked: ModelRequest): Source {
  const { provider, changes, nativeUsage, entry, similarity } = hit
  return { head: { ...flown(asked, { provider, model: '', fallback: false, changes }), ...(entry !== undefined && { entry }), ...(similarity !== undefined && { similarity }) }, bytes: once(hit.bytes), end: { ...(nativeUsage && { nativeUsage }) }, hit }
}

function flown({ stream, includeUsage }: ModelRequest, { provider, model, fallback, changes }: Pick<Flown, 'provider' | 'model' | 'fallback'> & { changes: readonly Change[] | undefined }): Flown {
  return { provider, model, fallback, form: stream ? 'stream' : 'whole', includeUsage, ...(changes && { changes: [...changes] }) }
}

async function* watched(pieces: AsyncIterable<Uint8Array>, watch: AnswerWatch): AsyncGenerator<Uint8Array> {
  for await (const bytes of pieces) {
    const kept = watch(bytes)
    if (kept) await kept
    yield bytes
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
