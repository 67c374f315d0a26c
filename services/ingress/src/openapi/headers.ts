import { reference, type Header, type Parameter, type Reference } from './shape.ts'

/** What a request may say beside its body. */
export const requestHeaders: Readonly<Record<string, Parameter>> = {
  RequestId: {
    name: 'X-Request-ID',
    in: 'header',
    description: 'Names the request in the answer, in logs and in traces. It is taken when it has 1 to 128 printable ASCII characters without spaces; otherwise the gateway makes one.',
    schema: { type: 'string' },
  },
  CacheControl: {
    name: 'Cache-Control',
    in: 'header',
    description: '`no-cache` asks for a fresh answer, which then replaces the stored one. `no-store` keeps the request out of the caches altogether. `max-age=60` refuses a stored answer that is older than 60 seconds.',
    schema: { type: 'string' },
  },
  XCacheControl: {
    name: 'X-Cache-Control',
    in: 'header',
    description: 'The same, for clients that cannot set `Cache-Control`.',
    schema: { type: 'string' },
  },
  CacheType: {
    name: 'X-Cache-Type',
    in: 'header',
    description: 'Only this cache may answer and keep the answer. Without it, both may.',
    schema: { type: 'string', enum: ['exact', 'semantic'] },
  },
  CacheTags: {
    name: 'X-Cache-Tags',
    in: 'header',
    description: 'Up to 16 tags, parted by commas, to invalidate the answer by: letters, digits and `_ . : / -`, 64 at most.',
    schema: { type: 'string' },
    example: 'prices/2026,shop',
  },
  CacheTtl: {
    name: 'X-Cache-TTL',
    in: 'header',
    description: 'How many seconds the semantic cache may keep the answer.',
    schema: { type: 'number', minimum: 1 },
  },
  CacheThreshold: {
    name: 'X-Cache-Semantic-Threshold',
    in: 'header',
    description: 'How similar a question has to be whose answer the semantic cache gives, where more is wanted than the operator demands.',
    schema: { type: 'number', minimum: 0, maximum: 1 },
  },
  AnthropicVersion: {
    name: 'anthropic-version',
    in: 'header',
    description: 'Whoever sends it speaks Anthropic’s API: its clients all do. What it says reaches providers of that API.',
    schema: { type: 'string' },
    example: '2023-06-01',
  },
  Strict: {
    name: 'X-GoModel-Strict',
    in: 'header',
    description: '`true` refuses a request, with status 400, of which something would have to be left out or replaced for the provider. Otherwise `X-GoModel-Translation` in the answer says what was.',
    schema: { type: 'string', enum: ['true'] },
  },
  TraceParent: {
    name: 'traceparent',
    in: 'header',
    description: 'The W3C trace that the request is part of. It is continued up to the provider, together with `tracestate`; without it a trace is begun.',
    schema: { type: 'string' },
  },
}

/** What a request may say to the exact cache. */
export const exactCacheParameters: readonly Reference[] = ['CacheControl', 'XCacheControl', 'CacheType', 'CacheTags'].map(name => reference('parameters', name))

/** What one may say to both caches. */
export const cacheParameters: readonly Reference[] = [...exactCacheParameters, ...['CacheTtl', 'CacheThreshold'].map(name => reference('parameters', name))]

/** What an answer says beside its body. */
export const responseHeaders: Readonly<Record<string, Header>> = {
  'X-Request-ID': { description: 'The name of the request in logs and traces.', schema: { type: 'string' } },
  'request-id': { description: 'The same name, as clients of Anthropic’s API look for it. Only for who sends `anthropic-version`.', schema: { type: 'string' } },
  'X-GoModel-Provider': { description: 'The instance that answered, or that was being called when the request failed.', schema: { type: 'string' } },
  'X-GoModel-Fallback': { description: 'The model that answered in place of the one that was asked for, as `instance/model`, what is not ASCII in it as `?`. Absent where that one answered itself.', schema: { type: 'string' } },
  'X-GoModel-Translation': { description: 'What of the request did not reach the provider as it was written: `dropped=seed, renamed=max_tokens:max_completion_tokens, clamped=temperature:1, emulated=response_format:tool`. Absent where all did.', schema: { type: 'string' } },
  'X-Cache': { description: 'Whether the answer was a stored one: `HIT (exact)`; `HIT (semantic)` when it was given to a question that means the same; `HIT (shared)` when it is the one that an equal request gets at the same time; if not, `MISS` when the caches were asked, and `BYPASS` when they were not to be. With an error it says what the caches did before. Absent where nothing is cached, and with an error that came before they were asked.', schema: { type: 'string', enum: ['HIT (exact)', 'HIT (semantic)', 'HIT (shared)', 'MISS', 'BYPASS'] } },
  'X-Cache-Entry': { description: 'Names the cache entry that the answer comes from, or becomes once it is complete; it is invalidated by that name. Absent where the answer is not to be kept.', schema: { type: 'string' } },
  'X-Cache-Similarity': { description: 'How similar the question of a stored answer is that was found by its meaning, as the cosine of their vectors, rounded down: `0.9412`. Absent from all other answers.', schema: { type: 'string' } },
  Age: { description: 'How old a stored answer is, in seconds. Only with a stored one.', schema: { type: 'integer', minimum: 0 } },
  'Retry-After': { description: 'When another try makes sense, in seconds from now.', schema: { type: 'integer', minimum: 1 } },
}
