import { inputOf } from '../read-json.ts'
import type { Answer, Fields } from '../shapes.ts'
import { halves } from './chat.ts'
import { FAULT_MESSAGE, PROOF, SPENT, type Wire } from './wire.ts'

const { input, output, cached, thought } = SPENT

const USAGE = {
  promptTokenCount: input,
  candidatesTokenCount: output - thought,
  totalTokenCount: input + output,
  cachedContentTokenCount: cached,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
  cacheTokensDetails: [{ modality: 'TEXT', tokenCount: cached }],
  thoughtsTokenCount: thought,
}

const FINISH = { stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' } as const

const failure = (code: number, status: string, message: string) => JSON.stringify({ error: { code, message, status } })
/** Gemini ends its lines with carriage returns. */
const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\r\n\r\n`
const answered = (model: string, candidates: readonly Fields[]) => ({ candidates, usageMetadata: USAGE, modelVersion: model, responseId: 'b36LacjwM668' })
const candidate = (parts: readonly Fields[], more: Fields = {}): Fields => ({ content: { parts, role: 'model' }, index: 0, ...more })

/** Gemini's own `generateContent`. */
export const GEMINI_WIRE: Wire = {
  whole: (answer, model) => {
    const parts = [...thoughts(answer, true), ...(answer.text.length > 0 ? [{ text: answer.text.join('') }] : []), ...calls(answer)]
    const first = { ...(parts.length > 0 && { content: { parts, role: 'model' } }), index: 0, finishReason: FINISH[answer.ending], ...likelihood(answer.likely ? answer.text : []) }
    return JSON.stringify(answered(model, answer.second === undefined ? [first] : [first, candidate([{ text: answer.second }], { index: 1, finishReason: 'STOP' })]))
  },
  stream: (answer, model) => {
    const piece = (parts: readonly Fields[], more: Fields = {}): string => event(answered(model, [candidate(parts, more)]))
    const begins = [
      ...thoughts(answer, false).map(part => piece([part])),
      ...answer.text.map(text => piece([{ text }], likelihood(answer.likely ? [text] : []))),
      ...calls(answer).map(part => piece([part])),
      ...(answer.second === undefined ? [] : [piece([{ text: answer.second }], { index: 1, finishReason: 'STOP' })]),
    ]
    const last = answer.ending === 'refused' ? event(answered(model, [{ finishReason: 'SAFETY', index: 0 }])) : piece([{ text: '' }], { finishReason: FINISH[answer.ending] })
    return { begins, ends: [last] }
  },
  busy: failure(429, 'RESOURCE_EXHAUSTED', 'slow down'),
  atFault: failure(400, 'INVALID_ARGUMENT', FAULT_MESSAGE),
  errorEvent: event(failure(503, 'UNAVAILABLE', 'The model is overloaded.')),
  errorBody: failure(500, 'INTERNAL', 'An internal error has occurred.'),
  tells: { thoughts: true, proof: PROOF, refusals: false, callIds: false, spent: SPENT },
}

const thoughts = ({ thought: text }: Answer, whole: boolean): Fields[] => (text === undefined ? [] : (whole ? [text] : halves(text)).map(piece => ({ text: piece, thought: true })))

/** What was thought is signed on the first call. */
const calls = ({ calls: made = [], thought: text }: Answer): Fields[] =>
  made.map(({ name, arguments: pieces }, place) => ({ functionCall: { name, args: inputOf(pieces.join('')) }, ...(place === 0 && text !== undefined && { thoughtSignature: PROOF }) }))

function likelihood(tokens: readonly string[]): Fields {
  if (tokens.length === 0) return {}
  const likely = tokens.map(token => ({ token, tokenId: 7, logProbability: -0.25 }))
  return { avgLogprobs: -0.25, logprobsResult: { topCandidates: likely.map(one => ({ candidates: [one] })), chosenCandidates: likely } }
}
