import type { FinishReason } from '../../hub/hub.ts'

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

/** Why the model stopped, in the hub's words. */
export const finishOf = (stopReason: string): FinishReason => FINISH[stopReason] ?? 'stop'

/** The model came to an end by itself. With `pause_turn` it waits for a tool of the provider. */
export const isNatural = (stopReason: string | undefined): boolean => stopReason === 'end_turn' || stopReason === 'stop_sequence' || stopReason === 'tool_use'
