import type { Choice, Delta } from './chat-answer.ts'

/** What is the same in every form of one answer. */
export interface Frame {
  /** The same for the same request. */
  readonly id: string
  readonly model: string
  readonly promptTokens: number
  readonly includeUsage: boolean
}

/** The events of a stream: first the roles, then one for each token, then how it ended. */
export interface Events {
  readonly head: string
  readonly tokens: number
  /** The events of the tokens from one position up to another. */
  slice(from: number, to: number): string
  readonly tail: string
}

/** A fixed date, the first of January 2025: an answer depends on nothing but its request. */
export const CREATED = 1_735_689_600

const LABEL = 'simulated'

/** The answer as one JSON body. */
export function whole(frame: Frame, choices: readonly Choice[]): unknown {
  return {
    id: frame.id,
    object: 'chat.completion',
    created: CREATED,
    model: frame.model,
    choices: choices.map(({ deltas, finish }, index) => ({ index, message: message(deltas), logprobs: null, finish_reason: finish })),
    usage: usage(frame, choices),
    service_tier: 'default',
    system_fingerprint: LABEL,
  }
}

/** The answer as the events of a stream; several choices take turns. */
export function events(frame: Frame, choices: readonly Choice[]): Events {
  const { id, model, includeUsage } = frame
  const base = { id, object: 'chat.completion.chunk', created: CREATED, model, service_tier: 'default', system_fingerprint: LABEL }
  const none = includeUsage ? { usage: null } : {}
  const chunk = (index: number, delta: object, finish: string | null): string => event({ ...base, choices: [{ index, delta, logprobs: null, finish_reason: finish }], ...none })
  const spoken = inTurn(choices)
  return {
    head: choices.map(({ deltas: [first] }, index) => chunk(index, { role: 'assistant', content: first && 'tool_calls' in first ? null : '', refusal: null }, null)).join(''),
    tokens: spoken.length,
    slice: (from, to) => spoken.slice(from, to).map(({ index, delta }) => chunk(index, delta, null)).join(''),
    tail: [...choices.map(({ finish }, index) => chunk(index, {}, finish)), ...(includeUsage ? [event({ ...base, choices: [], usage: usage(frame, choices) })] : []), 'data: [DONE]\n\n'].join(''),
  }
}

/** How many tokens were spoken. */
export const completionTokens = (choices: readonly Choice[]): number => choices.reduce((sum, { deltas: { length } }) => sum + length, 0)

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

function inTurn(choices: readonly Choice[]): { index: number; delta: Delta }[] {
  const longest = Math.max(...choices.map(({ deltas }) => deltas.length))
  return Array.from({ length: longest }, (_, position) =>
    choices.flatMap(({ deltas }, index) => {
      const delta = deltas[position]
      return delta ? [{ index, delta }] : []
    }),
  ).flat()
}

/** What the deltas of a choice add up to. */
function message(deltas: readonly Delta[]): unknown {
  let content = ''
  const calls: { id: string | undefined; type: 'function'; function: { name: string | undefined; arguments: string } }[] = []
  for (const delta of deltas) {
    if ('content' in delta) {
      content += delta.content
      continue
    }
    const [{ index, id, function: called }] = delta.tool_calls
    const call = (calls[index] ??= { id, type: 'function', function: { name: called.name, arguments: '' } })
    call.function.arguments += called.arguments
  }
  const base = { role: 'assistant', refusal: null, annotations: [] }
  return calls.length > 0 ? { ...base, content: null, tool_calls: calls } : { ...base, content }
}

function usage({ promptTokens }: Frame, choices: readonly Choice[]): unknown {
  const completion = completionTokens(choices)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  }
}
