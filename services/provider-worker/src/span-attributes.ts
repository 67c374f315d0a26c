import { inputTokens, outputTokens } from '@gomodel/contracts'
import { operationName, type Attributes } from '@gomodel/service'
import type { Instance } from './instances.ts'
import type { End, GenerateRequest } from './provider.ts'

/** Those that OpenTelemetry calls otherwise than we do. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['gemini', 'gcp.gemini'],
  ['azure', 'azure.ai.openai'],
  ['xai', 'x_ai'],
  ['mistral', 'mistral_ai'],
])

/** `gen_ai.provider.name` of an instance. */
export const providerName = ({ type }: Instance): string => WELL_KNOWN.get(type) ?? type

/** What is known of a call before it is answered, in the words of OpenTelemetry's conventions for generative models. */
export const callAttributes = (instance: Instance, { endpoint, model, requestId }: GenerateRequest): Attributes => ({
  'gen_ai.operation.name': operationName(endpoint),
  'gen_ai.provider.name': providerName(instance),
  'gen_ai.request.model': model,
  'gateway.endpoint': endpoint,
  'gateway.provider.instance': instance.name,
  'gateway.request_id': requestId,
})

/** What is known of it afterwards. */
export const endAttributes = ({ finish, usage }: End): Attributes => ({
  'gen_ai.response.finish_reasons': finish === undefined ? undefined : [finish],
  'gen_ai.usage.input_tokens': usage && inputTokens(usage),
  'gen_ai.usage.output_tokens': usage && outputTokens(usage),
})

/** One HTTP request to a provider; `resends` is how many went before it. The query stays out: it may hold a key. */
export function requestAttributes({ baseUrl }: Instance, path: string, resends: number, method = 'POST'): Attributes {
  const { origin, pathname, hostname, port, protocol } = new URL(baseUrl)
  return {
    'http.request.method': method,
    'url.full': `${origin}${pathname.replace(/\/$/, '')}${path.split('?')[0]}`,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    'http.request.resend_count': resends === 0 ? undefined : resends,
  }
}
