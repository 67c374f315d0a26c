import type { Identity, Provider } from '../provider.ts'
import { openAiDialect } from './openai.ts'

/** The adapter that speaks to an instance's provider. */
export const providerOf = (identity: Identity): Provider => openAiDialect(identity)
