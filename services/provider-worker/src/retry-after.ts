/** Response headers, as undici gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** How long a provider asks to be left alone: `retry-after-ms`, else `Retry-After` in seconds or as a date. What is not in the future counts as not said. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  return positive(Number(first(headers['retry-after-ms']))) ?? fromHeader(first(headers['retry-after']), nowMs)
}

function fromHeader(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const seconds = Number(value)
  return positive(Number.isNaN(seconds) ? Date.parse(value) - nowMs : seconds * 1000)
}

const positive = (ms: number): number | undefined => (Number.isFinite(ms) && ms > 0 ? Math.ceil(ms) : undefined)

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
