import type { Identity, Model } from '../../provider.ts'
import { records, recordsIn, text, textOf } from './fields.ts'
import { geminiError } from './error.ts'

/** Where Gemini lists its models: by thousands, so that one page is all. */
export const MODELS_PATH = '/models?pageSize=1000'

const USED: ReadonlySet<unknown> = new Set(['generateContent', 'embedContent'])

/** The models that answer a chat or give embeddings. */
export function modelsIn(identity: Identity, body: Uint8Array): Model[] {
  const said = recordsIn(identity, textOf(body))
  const failed = said.find(({ error }) => error)
  if (failed) throw geminiError(identity, failed.error)
  const ids = said.flatMap(({ models }) => records(models)).flatMap(({ name, supportedGenerationMethods: methods }) => {
    const id = bareName(text(name) ?? '')
    return id !== '' && Array.isArray(methods) && methods.some(method => USED.has(method)) ? [id] : []
  })
  return [...new Set(ids)].map(id => ({ id, created: 0, ownedBy: 'google' }))
}

/** A model's name without the `models/` that Google lists it with. */
export const bareName = (model: string): string => model.replace(/^models\//, '')
