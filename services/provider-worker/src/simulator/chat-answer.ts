import { createHash } from 'node:crypto'
import { answerObject, answerText, lastQuestion } from './answer-text.ts'
import type { ChatQuestion, Tool } from './chat-request.ts'
import { instanceOf } from './schema-instance.ts'
import { tokensOf } from './tokens.ts'

/** What one token adds to a message, as a stream tells it. */
export type Delta = { readonly content: string } | { readonly tool_calls: readonly [ToolCallDelta] }

interface ToolCallDelta {
  readonly index: number
  readonly id?: string
  readonly type?: 'function'
  readonly function: { readonly name?: string; readonly arguments: string }
}

/** One answer, token by token, and why it ends. */
export interface Choice {
  readonly deltas: readonly Delta[]
  readonly finish: 'stop' | 'length' | 'tool_calls'
}

/** The longest answer of a simulated model, in tokens. */
const MAX_OUTPUT_TOKENS = 4096

/** The answers to a question, as many as it wants; nothing but the question decides what they say. */
export function choicesFor(question: ChatQuestion): Choice[] {
  const limit = Math.min(question.maxTokens, MAX_OUTPUT_TOKENS)
  return Array.from({ length: question.choices }, (_, index) => {
    const called = toolsToCall(question)
    const deltas: Delta[] = called.length > 0 ? callDeltas(called, question, index) : tokensOf(stopped(said(question, index), question.stop)).map(content => ({ content }))
    if (deltas.length > limit) return { deltas: deltas.slice(0, limit), finish: 'length' }
    return { deltas, finish: called.length > 0 ? 'tool_calls' : 'stop' }
  })
}

function said(question: ChatQuestion, index: number): string {
  const { format } = question
  if (format.kind === 'json_schema') return JSON.stringify(instanceOf(format.schema))
  return format.kind === 'json_object' ? JSON.stringify(answerObject(question, index)) : answerText(question, index)
}

/** What comes before the first of the stop sequences. */
function stopped(text: string, stop: readonly string[]): string {
  const ends = stop.map(sequence => text.indexOf(sequence)).filter(end => end >= 0)
  return ends.length > 0 ? text.slice(0, Math.min(...ends)) : text
}

/** The forced tool, else those that the user names, else the first; none once tools have answered, so that no conversation goes round for ever. */
function toolsToCall({ tools, forcedTool, parallelCalls, messages }: ChatQuestion): readonly Tool[] {
  if (messages.at(-1)?.role === 'tool') return []
  if (forcedTool !== undefined) return tools.filter(({ name }) => name === forcedTool).slice(0, 1)
  const words = new Set(lastQuestion(messages).match(/[\w-]+/g))
  const named = tools.filter(({ name }) => words.has(name))
  return parallelCalls && named.length > 1 ? named : [...named, ...tools].slice(0, 1)
}

function callDeltas(called: readonly Tool[], question: ChatQuestion, choice: number): Delta[] {
  return called.flatMap(({ name, parameters }, index) => {
    const begun = { index, id: callId(`${choice} ${index} ${name} ${lastQuestion(question.messages)}`), type: 'function', function: { name, arguments: '' } } as const
    const pieces = tokensOf(JSON.stringify(instanceOf(parameters))).map(piece => ({ index, function: { arguments: piece } }))
    return [begun, ...pieces].map(call => ({ tool_calls: [call] as const }))
  })
}

const callId = (of: string): string => `call_simulated_${createHash('sha256').update(of).digest('hex').slice(0, 16)}`
