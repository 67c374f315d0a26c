/** Where in a request its user spoke last, and what was said. */
export interface LastTurn {
  /** The member of the request that holds the conversation. */
  readonly member: 'messages' | 'input'
  readonly text: string
}

/** How much of a conversation is looked at. */
export interface TurnLimits {
  /** Longer conversations are not looked up. */
  readonly maxMessages: number
  /** Instructions of the system do not count among them. */
  readonly withoutSystem: boolean
}

type Json = Readonly<Record<string, unknown>>

// What the guards read: of longer texts they would compare the beginning only, and one vector says too little of them.
const MAX_CHARACTERS = 2000

/** What a chat's user said last, if the meaning of that and the rest to the letter make the answer; undefined for tools to call, pictures, several answers and the like. */
export function lastOfChat(request: Json): LastTurn | undefined {
  const { n, logprobs, modalities, audio } = request
  if (callsTools(request, 'none') || isMany(n) || logprobs === true || isGiven(audio) || (Array.isArray(modalities) && modalities.some(one => one !== 'text'))) return undefined
  return lastTurn('messages', request.messages)
}

/** The same of a request to Anthropic's API. */
export function lastOfMessages(request: Json): LastTurn | undefined {
  if (callsTools(request, 'none') || isGiven(request.mcp_servers) || isGiven(request.container)) return undefined
  return lastTurn('messages', request.messages)
}

/** The same of a request to the Responses API, whose input is a text or a list. */
export function lastOfResponses(request: Json): LastTurn | undefined {
  const { previous_response_id: previous, conversation, prompt, background, input, include, top_logprobs: logprobs } = request
  if (callsTools(request, 'none') || [previous, conversation, prompt, logprobs].some(isGiven) || background === true || isGiven(include)) return undefined
  return typeof input === 'string' ? spoken('input', input) : lastTurn('input', input)
}

/** Whether a conversation is short enough to be looked up by meaning. */
export function isShort(request: Json, { member }: LastTurn, { maxMessages, withoutSystem }: TurnLimits): boolean {
  const turns = request[member]
  if (!Array.isArray(turns)) return true
  const system = isGiven(request.system) || isGiven(request.instructions) ? 1 : 0
  const counted = turns.filter(turn => !(withoutSystem && isRecord(turn) && (turn.role === 'system' || turn.role === 'developer'))).length
  return counted + (withoutSystem ? 0 : system) <= maxMessages
}

function lastTurn(member: LastTurn['member'], turns: unknown): LastTurn | undefined {
  const last: unknown = Array.isArray(turns) ? turns.at(-1) : undefined
  // An item of a Responses input that is no message has another type; its messages may leave it out.
  if (!isRecord(last) || last.role !== 'user' || (last.type !== undefined && last.type !== 'message')) return undefined
  const { content } = last
  if (typeof content === 'string') return spoken(member, content)
  const [only, ...more]: unknown[] = Array.isArray(content) ? content : []
  if (!isRecord(only) || more.length > 0 || (only.type !== 'text' && only.type !== 'input_text') || typeof only.text !== 'string') return undefined
  return spoken(member, only.text)
}

function spoken(member: LastTurn['member'], text: string): LastTurn | undefined {
  return text.trim() === '' || text.length > MAX_CHARACTERS ? undefined : { member, text }
}

/** What an answer with tools means depends on when it is asked for. */
function callsTools({ tools, functions, tool_choice: choice }: Json, none: string): boolean {
  const offered = (Array.isArray(tools) && tools.length > 0) || (Array.isArray(functions) && functions.length > 0)
  const forbidden = choice === none || (isRecord(choice) && choice.type === none)
  return offered && !forbidden
}

const isMany = (n: unknown): boolean => typeof n === 'number' && n > 1
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
