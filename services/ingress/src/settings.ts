import { bytes, duration, flag, gatewaySettings, integer, list, oneOf, processSettings, secret, type Setting, type ValuesOf } from '@gomodel/service'

const MIB = 1024 * 1024
// What the bus takes.
const LARGEST_BODY = 64 * MIB

const bodyLimit = bytes('BODY_SIZE_LIMIT', { yaml: 'server.body_size_limit', description: 'The largest request body; more than 64M counts as 64M.', fallback: '10M', min: 1024, max: 100 * MIB })

/** GoModel takes limits up to 100M, and its settings are to be taken as they are. */
const bodyLimitBytes: Setting<number> = { ...bodyLimit, parse: text => Math.min(bodyLimit.parse(text), LARGEST_BODY) }

/** What an operator may set of the ingress. */
export const settings = {
  port: integer('PORT', { yaml: 'server.port', description: 'The public port.', fallback: '8080', min: 0, max: 65535 }),
  host: processSettings.host,
  masterKey: secret('GOMODEL_MASTER_KEY', { yaml: 'server.master_key', description: 'The key that callers send as `Authorization: Bearer …`. Without it the gateway is open to everybody who reaches it.' }),
  bodyLimitBytes,
  cacheEnabled: flag('RESPONSE_CACHE_SIMPLE_ENABLED', { yaml: 'cache.response.simple.enabled', description: 'Answer a repeated request from the exact cache.', fallback: 'true' }),
  semanticEnabled: gatewaySettings.semanticCacheEnabled,
  semanticMaxMessages: integer('SEMANTIC_CACHE_MAX_CONV_MESSAGES', { yaml: 'cache.response.semantic.max_conversation_messages', description: 'Longer conversations are not looked up by meaning.', fallback: '3', min: 1, max: 10_000 }),
  semanticWithoutSystem: flag('SEMANTIC_CACHE_EXCLUDE_SYSTEM_PROMPT', {
    yaml: 'cache.response.semantic.exclude_system_prompt',
    description: 'The instructions of the system do not count as one of these messages. They always have to be the same for an answer to be shared.',
    fallback: 'false',
  }),
  semanticDispatch: oneOf('SEMANTIC_CACHE_DISPATCH', ['wait', 'hedge', 'race'], {
    yaml: 'cache.response.semantic.dispatch',
    description: 'When the provider is called. `wait`: after the semantic cache has answered. `hedge`: when it has not after `SEMANTIC_CACHE_HEDGE`. `race`: at once. A call that the cache overtakes is aborted; what it cost until then is spent.',
    fallback: 'wait',
  }),
  semanticHedgeMs: duration('SEMANTIC_CACHE_HEDGE', { yaml: 'cache.response.semantic.hedge', description: 'How long the semantic cache has a start before the provider is called.', fallback: '30ms' }),
  keepAliveMs: duration('SSE_KEEPALIVE_INTERVAL', { yaml: 'server.sse_keepalive_interval', description: 'How long a stream may be silent before a comment keeps its connection open.', fallback: '15s' }),
  passthroughEnabled: flag('ENABLE_PASSTHROUGH_ROUTES', { yaml: 'server.enable_passthrough_routes', description: 'Serve `/p/{instance}/…`, which reaches a provider in its own API (docs/passthrough.md).', fallback: 'true' }),
  passthroughProviders: list('ENABLED_PASSTHROUGH_PROVIDERS', {
    yaml: 'server.enabled_passthrough_providers',
    description: 'The provider types and instances that it reaches; empty: instances of openai, anthropic, openrouter, zai and vllm.',
    fallback: '',
  }),
  passthroughV1Alias: flag('ALLOW_PASSTHROUGH_V1_ALIAS', { yaml: 'server.allow_passthrough_v1_alias', description: '`/p/{instance}/v1/…` means the same as `/p/{instance}/…`.', fallback: 'true' }),
  metricsEnabled: processSettings.metricsEnabled,
  // They reach it as a part of the configuration, so that they may change while it runs.
  fallbackMode: gatewaySettings.fallbackMode,
  fallbackRulesPath: gatewaySettings.fallbackRulesPath,
}
export type IngressSettings = ValuesOf<typeof settings>
