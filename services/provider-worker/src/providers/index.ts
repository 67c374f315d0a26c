import type { Identity, Provider } from '../provider.ts'
import { anthropicProvider } from './anthropic/anthropic.ts'
import { geminiProvider } from './gemini/gemini.ts'
import { openAiDialect } from './openai/dialect.ts'
import { rowOf } from './rows.ts'

/** The adapter that speaks to an instance's provider. */
export function providerOf(identity: Identity): Provider {
  switch (rowOf(identity.type).speaks) {
    case 'anthropic':
      return anthropicProvider(identity)
    case 'gemini':
      return geminiProvider(identity)
    default:
      return openAiDialect(identity)
  }
}
