import { createHash } from 'node:crypto'
import type { ChatQuestion, Message } from './chat-request.ts'

/** What a simulated model says: that it is simulated, what it was asked, and how to get a true answer. The same question gets the same words. */
export function answerText({ messages }: ChatQuestion, choice: number): string {
  const results = toolResults(messages)
  const { quote, topics } = subjectOf(messages)
  const pick = picker(`${choice} ${quote}`)
  const turns = messages.filter(({ role }) => role === 'user').length
  const parts = messages.reduce((sum, { otherParts }) => sum + otherParts, 0)
  return [
    pick(OPENINGS),
    ...(results.length > 0 ? results.map(({ tool, said }) => `The tool \`${tool}\` returned: “${said}”.`) : [pick(BODIES)(quote, topics)]),
    ...(turns > 1 ? [`That was question ${turns} of this conversation.`] : []),
    ...(parts > 0 ? [`Not looked at: ${parts} ${parts === 1 ? 'part' : 'parts'} of the conversation that ${parts === 1 ? 'is' : 'are'} not text.`] : []),
    pick(CLOSINGS),
  ].join('\n\n')
}

/** The same in JSON, for who asked for an object of no certain shape. */
export function answerObject(question: ChatQuestion, choice: number): unknown {
  return { simulated: true, question: subjectOf(question.messages).quote, answer: answerText(question, choice) }
}

/** What the user said last; without a user, the last message. */
export const lastQuestion = (messages: readonly Message[]): string => (messages.findLast(({ role }) => role === 'user') ?? messages.at(-1))?.text ?? ''

const OPENINGS = [
  'This is a simulated answer from GoModel’s simulator; no model was asked.',
  'You are reading a simulated answer: GoModel’s simulator wrote it, and there is no model behind it.',
  'A simulated answer, made by GoModel’s simulator without any model:',
]

const CLOSINGS = [
  'For real answers set a provider’s key, such as `OPENAI_API_KEY`, in the file `.env` or the environment and start the gateway again.',
  'To talk to a real model, put the key of a provider into `.env` (for example `OPENAI_API_KEY=…`) and restart the gateway.',
]

type Body = (quote: string, topics: readonly string[]) => string

const BODIES: readonly Body[] = [
  (quote, topics) =>
    `You asked: “${quote}”. A real model would now explain ${joined(topics)} at some length. The simulator only repeats what it was given, ` +
    'word by word and at a steady pace, so that streaming, caching and usage can be watched without a bill.',
  (quote, topics) =>
    `Your question was: “${quote}”. A real model would probably go through this:\n\n` +
    `${topics.map((topic, index) => `${index + 1}. **${topic}**: what it means here`).join('\n')}\n${topics.length + 1}. a *summary* in a sentence or two\n\n` +
    'None of that is known to the simulator. The list only shows how markdown arrives in a stream.',
  (quote, topics) =>
    `## About ${joined(topics)}\n\n> ${quote}\n\nThat was the question. The answer of a real model would stand here, perhaps with some code:\n\n` +
    `\`\`\`ts\nconst answer = 'simulated'\nconsole.log(answer)\n\`\`\`\n\nNothing of it was thought about.`,
]

const QUOTED_CHARACTERS = 200
const MAX_TOPICS = 3
const TOO_COMMON = new Set('about above after again also because been before being between both could does doing down during each from have having here into just like more most much must only other over please same should some such tell than that their them then there these they this those through under until very want were what when where which while will with would write your explain'.split(' '))

function subjectOf(messages: readonly Message[]): { quote: string; topics: string[] } {
  const quote = shortened(lastQuestion(messages))
  const words = quote.match(/[\p{L}\p{N}]{4,}/gu) ?? []
  const topics = new Map(words.map(word => [word.toLowerCase(), word]).filter((entry): entry is [string, string] => !TOO_COMMON.has(entry[0] ?? '')))
  return { quote, topics: topics.size > 0 ? [...topics.values()].slice(0, MAX_TOPICS) : ['the question'] }
}

/** On one line, and no longer than a quotation may be. */
function shortened(text: string): string {
  // Looks at no more than it could need: a prompt may have megabytes.
  const line = text.slice(0, QUOTED_CHARACTERS * 10).replaceAll(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length <= QUOTED_CHARACTERS ? line : `${characters.slice(0, QUOTED_CHARACTERS).join('')}…`
}

/** What the tools called last have returned; nothing when somebody has spoken since. */
function toolResults(messages: readonly Message[]): { tool: string; said: string }[] {
  const results = messages.slice(messages.findLastIndex(({ role }) => role !== 'tool') + 1)
  const names = new Map(messages.flatMap(({ calls }) => [...calls]))
  return results.map(({ callId = '', text }) => ({ tool: names.get(callId) ?? callId, said: shortened(text) }))
}

const joined = (words: readonly string[]): string => (words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? ''))

/** Picks by a hash of the text: at random to the reader, and the same each time. */
function picker(text: string): <T>(from: readonly T[]) => T {
  const hash = createHash('sha256').update(text).digest()
  let picks = 0
  return from => from[(hash[picks++] ?? 0) % from.length]!
}
