import type { Endpoint } from '@gomodel/contracts'

const WELL_KNOWN: Readonly<Partial<Record<Endpoint, string>>> = { responses: 'chat', messages: 'chat' }

/** `gen_ai.operation.name` of a request: what OpenTelemetry has a name for is called by it, whatever the dialect; anything else is called as its endpoint. */
export const operationName = (endpoint: Endpoint): string => WELL_KNOWN[endpoint] ?? endpoint
