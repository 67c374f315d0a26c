import { GatewayError } from '@gomodel/contracts'
import type { FastifyInstance } from 'fastify'
import { askInstance, askingOf, type RelayParts } from '../relay/ask-instance.ts'
import { queryWithout } from '../relay/forwarded.ts'
import type { Offer } from '../relay/instance-offers.ts'
import { sendRelayed } from '../relay/send-relayed.ts'

/** What the operator decides about it. */
export interface PassthroughSettings {
  /** Types and instances that are reached; empty: those whose type is meant for it. */
  readonly providers: readonly string[]
  /** A path that begins with `/v1` means the same without. */
  readonly v1Alias: boolean
}

// Some take their key there.
const KEYS: ReadonlySet<string> = new Set(['key'])

/** `/p/{instance}/…` is whatever a client asks a provider in its own API, with the instance's key instead of the client's. */
export function passthroughRoute(app: FastifyInstance, { providers, v1Alias }: PassthroughSettings, parts: RelayParts): void {
  const reached = ({ type, instance, passthrough }: Offer): boolean => (providers.length === 0 ? passthrough : providers.includes(type) || providers.includes(instance))

  app.route<{ Params: { instance: string } }>({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
    url: '/p/:instance/*',
    handler: async (request, reply) => {
      const { instance } = request.params
      const offered = parts.offers.all.filter(reached).map(offer => offer.instance)
      if (!offered.includes(instance)) {
        throw new GatewayError('unknown_url', `there is no ${JSON.stringify(instance.slice(0, 100))} under /p/; there is ${offered.join(', ') || 'nothing'}`)
      }
      // As the client wrote it: a decoded slash would be another path.
      const [pathname = ''] = request.url.split('?')
      const path = pathname.slice(pathname.indexOf('/', '/p/'.length)) + queryWithout(request.url, KEYS)
      const asking = askingOf(request, reply, { path, v1Alias })
      return sendRelayed(parts, { request, reply, answer: await askInstance(parts, instance, asking) })
    },
  })
}
