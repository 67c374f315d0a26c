import { bytes, duration, flag, integer, processSettings, secret, type ValuesOf } from '@gomodel/service'

/** What an operator may set of the ingress. */
export const settings = {
  port: integer('PORT', { description: 'The public port.', fallback: '8080', min: 0, max: 65535 }),
  host: processSettings.host,
  masterKey: secret('GOMODEL_MASTER_KEY', { description: 'The key that callers send as `Authorization: Bearer …`. Without it the gateway is open to everybody who reaches it.' }),
  bodyLimitBytes: bytes('BODY_SIZE_LIMIT', { description: 'The largest request body.', fallback: '10M', min: 1024, max: 64 * 1024 * 1024 }),
  cacheEnabled: flag('RESPONSE_CACHE_SIMPLE_ENABLED', { description: 'Answer a repeated request from the exact cache.', fallback: 'true' }),
  keepAliveMs: duration('SSE_KEEPALIVE_INTERVAL', { description: 'How long a stream may be silent before a comment keeps its connection open.', fallback: '15s' }),
  metricsEnabled: processSettings.metricsEnabled,
}
export type IngressSettings = ValuesOf<typeof settings>
