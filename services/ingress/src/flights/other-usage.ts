import { DONE, splitEvents } from '../chat-forms/split-events.ts'

const TELLS_USAGE = /"usage"\s*:\s*\{/
const LF = '\n\n'
const CRLF = '\r\n\r\n'

/**
 * Live events of a chat for a client that wants to know what the answer cost when the one who asked first did not, or the other way round: event by
 * event as long as both are told the same, and the rest when it is complete. `inForm` tells all of it as this client wants it.
 */
export async function* otherUsage(source: AsyncIterable<Uint8Array>, inForm: (all: Buffer) => Buffer | undefined): AsyncGenerator<Uint8Array> {
  const all: Uint8Array[] = []
  let held: Buffer = Buffer.alloc(0)
  let sent = 0
  let live = true
  for await (const chunk of source) {
    all.push(chunk)
    if (!live) continue
    held = Buffer.concat([held, chunk])
    const complete = splitEvents(held.subarray(0, Math.max(endOf(held, LF), endOf(held, CRLF))))
    const differing = complete.findIndex(differs)
    live = differing < 0
    const same = (live ? complete : complete.slice(0, differing)).reduce((length, event) => length + event.length, 0)
    if (same === 0) continue
    yield held.subarray(0, same)
    sent += same
    held = held.subarray(same)
  }
  const bytes = Buffer.concat(all)
  // Where nobody said what it cost, the client hears what everybody hears.
  const rest = (inForm(bytes) ?? bytes).subarray(sent)
  if (rest.length > 0) yield rest
}

function differs(event: Buffer): boolean {
  const text = event.toString('latin1')
  return text.includes(DONE) || TELLS_USAGE.test(text)
}

function endOf(bytes: Buffer, blank: string): number {
  const at = bytes.lastIndexOf(blank)
  return at < 0 ? 0 : at + blank.length
}
