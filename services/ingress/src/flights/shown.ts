import type { Flown } from '@gomodel/contracts'
import type { CacheQuestion, Hit } from '../answer-cache.ts'
import { collected, joined } from '../pieces.ts'
import type { Source } from './flight.ts'
import { FlightLost } from './flight-lost.ts'
import type { FlightReader } from './flight-reader.ts'
import { otherUsage } from './other-usage.ts'

/** How one client wants its answer. */
export type Wish = Pick<CacheQuestion, 'wanted'> & Partial<Pick<CacheQuestion, 'replay'>>

/** An answer in the form that its client wants, at its first content, or (where it is told as a whole) complete. */
export interface Shown {
  readonly head: Flown | Hit
  readonly bytes: AsyncIterable<Uint8Array> | readonly Uint8Array[]
  /** It was not asked of a model: the cache had it. */
  readonly hit?: Hit | undefined
}

/** Reads an answer in the form that is wanted, whatever form it comes in. Nothing reached the client when this rejects. */
export async function shown(reader: FlightReader, wish: Wish): Promise<Shown> {
  const source = await reader.opened()
  const { head, hit } = source
  const { stream, includeUsage } = wish.wanted
  if (!stream || head.form === 'whole') return { head, hit, bytes: [whole(joined(await collected(reader)), source, wish)] }
  // What was found is complete. Its flight is over only when somebody read it, and until then it would answer whoever asks the same.
  if (includeUsage === head.includeUsage) return { head, hit, bytes: hit ? await collected(reader) : reader }
  return { head, hit, bytes: await begun(otherUsage(reader, bytes => inForm(bytes, source, wish))) }
}

function whole(bytes: Uint8Array, source: Source, wish: Wish): Uint8Array {
  if (source.head.form === 'whole' && !wish.wanted.stream) return bytes
  const told = inForm(bytes, source, wish)
  if (!told) throw new FlightLost('alone')
  return told
}

function inForm(bytes: Uint8Array, { head, end }: Source, { wanted, replay }: Wish): Buffer | undefined {
  return replay?.({ provider: head.provider, form: head.form, storedAt: 0, ...(end?.nativeUsage && { nativeUsage: end.nativeUsage }) }, bytes, wanted)
}

/** The same, its first piece waited for: until then another answer may be had. */
async function begun(bytes: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const first = await bytes.next()
  return (async function* () {
    if (first.done) return
    yield first.value
    yield* bytes
  })()
}
