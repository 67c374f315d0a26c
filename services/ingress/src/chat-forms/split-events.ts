// An empty line, whatever ends the lines; the line feed of a CRLF ends none of its own.
const BOUNDARY = /(?:\r\n|\r(?!\n)|\n){2,}/g
const LINE_END = /\r\n|\r|\n/
const BLANK = Buffer.from('\n\n')

/** Cuts a complete event stream into its events: their bytes as they are, the empty line behind each included. */
export function splitEvents(bytes: Buffer): Buffer[] {
  const events: Buffer[] = []
  let start = 0
  // One character a byte, so that places in the text are places in the bytes.
  for (const boundary of bytes.toString('latin1').matchAll(BOUNDARY)) {
    const end = boundary.index + boundary[0].length
    events.push(bytes.subarray(start, end))
    start = end
  }
  if (start < bytes.length) events.push(Buffer.concat([bytes.subarray(start), BLANK]))
  return events
}

/** What an event says; nothing when it is only a comment. */
export function dataOf(event: Buffer): string {
  const lines = event.toString().split(LINE_END).filter(line => line.startsWith('data:'))
  return lines.map(line => line.slice('data:'.length)).join('\n').trim()
}

/** The data that ends a chat stream. */
export const DONE = '[DONE]'

/** An event of this data. */
export const eventOf = (data: string): string => `data: ${data}\n\n`
