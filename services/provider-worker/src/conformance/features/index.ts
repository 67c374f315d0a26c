import type { Feature } from '../shapes.ts'
import { CONTROLS, FAILURES } from './controls.ts'
import { CONVERSATION } from './conversation.ts'
import { REASONING } from './reasoning.ts'
import { TOOL_FEATURES } from './tools.ts'

/** Everything that is examined, in the order of the columns. */
export const FEATURES: readonly Feature[] = [...CONVERSATION, ...TOOL_FEATURES, ...REASONING, ...CONTROLS, ...FAILURES]
