import { inputTokens, outputTokens, type Usage } from '@gomodel/contracts'

/** Usage as the Responses API says it: what came from a cache is part of the input, what was thought part of the output. */
export function responsesUsage(usage: Usage) {
  const input = inputTokens(usage)
  const output = outputTokens(usage)
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.inputCacheRead, cache_write_tokens: usage.inputCacheWrite5m + usage.inputCacheWrite1h },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.outputReasoning },
    total_tokens: input + output,
  }
}
