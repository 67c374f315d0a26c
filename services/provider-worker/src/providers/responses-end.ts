import type { End } from '../provider.ts'
import { refuses } from './natural.ts'
import { responsesUsageOf } from './responses-usage.ts'
import { isRecord, nativeUsageOf } from './usage.ts'

/** What closes an answer, from the response object as its last event or its whole body shows it. */
export function endOfResponse(response: Readonly<Record<string, unknown>>): End {
  const usage = responsesUsageOf(response.usage)
  const nativeUsage = nativeUsageOf(response.usage)
  const reason = isRecord(response.incomplete_details) ? response.incomplete_details.reason : undefined
  const finish = typeof reason === 'string' ? reason : response.status
  return {
    ...(usage && { usage }),
    ...(nativeUsage && { nativeUsage }),
    ...(typeof finish === 'string' && { finish }),
    natural: response.status === 'completed' && !refusesAnywhere(response.output),
  }
}

const refusesAnywhere = (output: unknown): boolean =>
  Array.isArray(output) && output.some(item => isRecord(item) && Array.isArray(item.content) && item.content.some(refuses))
