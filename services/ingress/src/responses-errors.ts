import type { ErrorDialect } from './endpoints/endpoint.ts'
import { errorBody, openAiErrors } from './error-reply.ts'

const SEQUENCE_NUMBER = /"sequence_number": ?(\d+)/g

/** Errors as OpenAI's Responses API tells them: inside a stream they are an event with the next sequence number. */
export const responsesErrors: ErrorDialect = {
  ...openAiErrors,
  event(error, _, last) {
    const { error: said } = errorBody(error)
    // The documents have the fields in the event itself, the API sends them in `error`; clients look for either.
    const event = { type: 'error', sequence_number: nextNumber(last), code: said.code, message: said.message, param: said.param, error: said }
    return `${endsAnEvent(last) ? '' : '\n\n'}event: error\ndata: ${JSON.stringify(event)}\n\n`
  },
}

/** A quote inside a text is escaped, so that a text that speaks of sequence numbers is not taken for one. */
function nextNumber(last: Uint8Array | undefined): number {
  const numbers = [...textOf(last).matchAll(SEQUENCE_NUMBER)]
  return numbers.length === 0 ? 0 : Number(numbers.at(-1)?.[1]) + 1
}

const endsAnEvent = (last: Uint8Array | undefined): boolean => last === undefined || last.length === 0 || /\n\r?\n$/.test(textOf(last.subarray(-4)))

const textOf = (bytes: Uint8Array | undefined): string => (bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') : '')
