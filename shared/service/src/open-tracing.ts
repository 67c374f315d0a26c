import type { OtlpOptions } from './otlp-tracing.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** One service's own tracing. What sends spans costs a process 25 MB, so that it is loaded only where there is a collector. */
export async function openTracing({ endpoint, ...options }: Omit<OtlpOptions, 'endpoint'> & { readonly endpoint: string | undefined }): Promise<Tracing> {
  if (endpoint === undefined) return noTracing
  const { OtlpTracing } = await import('./otlp-tracing.ts')
  return new OtlpTracing({ endpoint, ...options })
}
