import { GatewayError, type Resource } from '@gomodel/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { askingOf, type Asking, type RelayParts } from './ask-instance.ts'
import { queryWithout } from './forwarded.ts'

/** A request for a resource, and the instances that it may be meant for. */
export interface ResourceRequest {
  readonly asking: Asking
  /** One where the client named it, or where there is but one; otherwise all that have the resource. */
  readonly instances: readonly string[]
}

const OURS: ReadonlySet<string> = new Set(['key', 'provider'])

/** Reads whom a request for a resource is meant for: `?provider=`, else `X-GoModel-Provider`. */
export function resourceRequest({ offers }: RelayParts, resource: Resource, { request, reply }: { request: FastifyRequest; reply: FastifyReply }): ResourceRequest {
  const { provider } = request.query as { provider?: unknown }
  const named = text(provider) ?? text(request.headers['x-gomodel-provider'])
  const [pathname = ''] = request.url.split('?')
  const path = pathname.replace(/^\/v1/, '').replace(/\/$/, '') + queryWithout(request.url, OURS)
  return {
    asking: askingOf(request, reply, { path, resource }),
    instances: named === undefined ? offers.having(resource) : [offers.chosen(resource, named)],
  }
}

/** The one instance that something new is for; throws when that could be several. */
export function onlyOne(instances: readonly string[], resource: Resource): string {
  const [only = '', ...others] = instances
  if (others.length === 0) return only
  throw new GatewayError('invalid_request', `say which provider these ${resource} are for, as in ?provider=${only}: ${instances.join(', ')} have them`, { param: 'provider' })
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
