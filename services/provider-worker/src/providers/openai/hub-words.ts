import { digest } from '../../digest.ts'
import { isRecord } from '../usage.ts'

/** An object that was parsed for us alone, so that it may be changed. */
export type Parsed = Record<string, unknown>

export const isParsed = (value: unknown): value is Parsed => isRecord(value)

/** Words that some servers have for the hub's. */
const FINISH: Readonly<Record<string, string>> = {
  sensitive: 'content_filter',
  model_length: 'length',
  max_tokens: 'length',
  MAX_TOKENS: 'length',
  function_call: 'tool_calls',
  tool_use: 'tool_calls',
  TOOL_CALL: 'tool_calls',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
}

/** A finish reason in the hub's words. Who calls tools waits for their results, though some servers only say that it stopped. */
export function finishOf(finish: string, callsTools: boolean): string {
  const word = Object.hasOwn(FINISH, finish) ? (FINISH[finish] ?? finish) : finish
  return callsTools && word === 'stop' ? 'tool_calls' : word
}

/** Puts the reasoning of a message, or of a piece of one, where the hub has it, out of every place in use; text becomes a string. */
export function tidyThoughts(said: Parsed): void {
  if (Array.isArray(said.content)) splitContent(said, said.content)
  if ('reasoning' in said) {
    if (!said.reasoning_content && typeof said.reasoning === 'string') said.reasoning_content = said.reasoning
    delete said.reasoning
  }
  if (Array.isArray(said.reasoning_details) && !said.reasoning_content) {
    const text = said.reasoning_details.map((detail: unknown) => (isRecord(detail) ? (detail.text ?? detail.summary ?? '') : '')).join('')
    if (text !== '') said.reasoning_content = text
  }
}

/** Mistral's content in parts, of which some are thoughts. Parts of other kinds stay for who knows them. */
function splitContent(said: Parsed, parts: readonly unknown[]): void {
  const texts: string[] = []
  const thoughts: string[] = []
  const others: unknown[] = []
  for (const part of parts) {
    if (typeof part === 'string') texts.push(part)
    else if (isRecord(part) && part.type === 'text') texts.push(textIn(part.text))
    else if (isRecord(part) && part.type === 'thinking') thoughts.push(textIn(part.thinking))
    else others.push(part)
  }
  said.content = texts.join('')
  if (thoughts.length > 0) said.reasoning_content = thoughts.join('')
  if (others.length > 0) said.content_parts = others
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textIn).join('')
  return isRecord(value) ? textIn(value.text) : ''
}

/** The arguments of a call as text; some servers give the object. */
export const argumentsOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : isRecord(value) ? JSON.stringify(value) : undefined)

/** An id for a tool call that was given none: the same whenever the same answer is read. */
export const callId = (answer: string, position: number): string => `call_${digest(answer).slice(0, 16)}${position}`
