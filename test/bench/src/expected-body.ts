import { isDeepStrictEqual } from 'node:util'
import { parsed, READERS, type Content } from './answer-content.ts'
import type { Job } from './job.ts'
import { SENT, wholeStream } from './sent.ts'
import { FINISH, PIECES, spokenFor, TOKENS } from './traffic.ts'

/** `exact`: the bytes that the upstream sent. `rewritten`: other bytes that say the same, whole. */
export type Verdict = 'exact' | 'rewritten' | 'wrong'

/** Bytes that were judged. */
export interface Judged {
  readonly bytes: Buffer
  readonly verdict: Verdict
}

/** What an answer has to say, and the bytes in which it most likely does. */
export class ExpectedBody {
  readonly #read: (body: string) => unknown
  readonly #said: unknown
  /** A body that is the same byte by byte need not be read. */
  likely: Judged

  constructor({ read, said, bytes }: { read: (body: string) => unknown; said: unknown; bytes?: Buffer | undefined }) {
    this.#read = read
    this.#said = said
    this.likely = bytes ? { bytes, verdict: 'exact' } : { bytes: Buffer.alloc(0), verdict: 'wrong' }
  }

  /** Reads a body. One that the upstream did not send as it is comes again: the last right one is the likely one. */
  judge(bytes: Buffer): Verdict {
    const said = this.#read(bytes.toString())
    const verdict = said !== undefined && isDeepStrictEqual(said, this.#said) ? 'rewritten' : 'wrong'
    if (verdict === 'rewritten' && this.likely.verdict !== 'exact') this.likely = { bytes, verdict }
    return verdict
  }
}

/** What a job has to get: what the upstream sent, or in another dialect what that says. */
export function expectedBody({ dialect, model, stream }: Pick<Job, 'dialect' | 'model' | 'stream'>): ExpectedBody {
  const spoken = spokenFor(model)
  const sent = SENT[spoken]
  const read = READERS[dialect][stream ? 'stream' : 'whole']
  // A stream of chat says what it cost only if it is asked to.
  const usage = stream && dialect === 'chat' ? undefined : TOKENS
  const said: Content = { text: stream ? PIECES.join('') : sent.text, finish: FINISH[dialect], usage }
  if (dialect !== spoken) return new ExpectedBody({ read, said })
  if (stream) return new ExpectedBody({ read, said, bytes: wholeStream(sent) })
  return new ExpectedBody({ read: parsed, said: parsed(sent.whole.toString()), bytes: sent.whole })
}
