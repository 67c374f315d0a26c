import type { Identity } from '../../provider.ts'
import { rowOf } from '../rows.ts'

/** Where an instance is found below its base URL, and what it is known to serve without being asked. */
export interface Address {
  /** From a path of OpenAI's (`/chat/completions`) to the one to call for a model. */
  path(path: string, model: string): string
  /** Where its models are listed; undefined where that list would not be of what it serves. */
  readonly modelsPath: string | undefined
  readonly fixedModels?: readonly string[]
  /** It has no Responses API here, though its provider has. */
  readonly lacksResponses?: boolean
  /** Where its files and batches are on its server, from the root; without it, below the base URL. */
  resourcePath?(path: string): string
}

/** The last version that is not a preview; from `/openai/v1` on none is needed. */
const AZURE_VERSION = '2024-10-21'
/** The first version with the Responses API. */
const RESPONSES_VERSION = '2025-03-01'
/** One deployment only. */
const DEPLOYMENT = /\/deployments\/([^/]+)$/
/** The API that goes without versions; with it the model is named in the body. */
const UNVERSIONED = /\/v1$/

/** The address of an instance of the OpenAI dialect. */
export function addressOf(identity: Identity): Address {
  const { type, models = [] } = identity
  if (type === 'azure') return azureAddress(identity)
  // Oracle mostly has no list; what the operator named is better than what it may say.
  const configured = type === 'oracle' && models.length > 0
  return { path: path => path, ...(configured ? { modelsPath: undefined, fixedModels: models } : { modelsPath: '/models' }) }
}

/** Azure lists the models that it could deploy: what is deployed the configuration names, or the address itself. */
function azureAddress({ baseUrl, apiVersion, models = [] }: Identity): Address {
  const { pathname } = new URL(baseUrl)
  const base = pathname.replace(/\/$/, '')
  const deployment = DEPLOYMENT.exec(base)?.[1]
  const version = `?api-version=${encodeURIComponent(apiVersion ?? AZURE_VERSION)}`
  const resourcePath = (path: string) => `${base.replace(DEPLOYMENT, '')}${base.includes('/openai') ? '' : '/openai'}${path}${path.includes('?') ? version.replace('?', '&') : version}`
  const fixedModels = models.length > 0 || deployment === undefined ? models : [decodeURIComponent(deployment)]
  if (deployment !== undefined) return { path: path => path + version, modelsPath: undefined, fixedModels, lacksResponses: true, resourcePath }
  if (UNVERSIONED.test(base)) return { path: path => (apiVersion === undefined ? path : path + version), modelsPath: undefined, fixedModels }
  const root = base.endsWith('/openai') ? '' : '/openai'
  return {
    // Responses are asked for at the resource, everything else at a deployment.
    path: (path, model) => (path.startsWith('/responses') ? `${root}${path}` : `${root}/deployments/${encodeURIComponent(model)}${path}`) + version,
    modelsPath: undefined,
    fixedModels,
    resourcePath,
    lacksResponses: (apiVersion ?? AZURE_VERSION) < RESPONSES_VERSION,
  }
}

/** The headers of every request: names and values in turn, the key among them. */
export function headersOf({ type, apiKey }: Identity): string[] {
  const plain = ['content-type', 'application/json', 'accept-encoding', 'identity']
  if (apiKey === undefined) return plain
  return rowOf(type).auth === 'api-key' ? [...plain, 'api-key', apiKey] : [...plain, 'authorization', `Bearer ${apiKey}`]
}
