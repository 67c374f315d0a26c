import { type Fields, records } from './fields.ts'

/** How likely each token was, as OpenAI says it; undefined where Gemini says nothing of it. */
export function logprobsOf(result: Fields | undefined): unknown {
  if (!result) return undefined
  const top = records(result.topCandidates)
  return { content: records(result.chosenCandidates).map((chosen, at) => ({ ...likely(chosen), top_logprobs: records(top[at]?.candidates).map(likely) })), refusal: null }
}

function likely({ token, logProbability }: Fields) {
  const word = typeof token === 'string' ? token : ''
  return { token: word, logprob: typeof logProbability === 'number' ? logProbability : 0, bytes: [...Buffer.from(word)] }
}
