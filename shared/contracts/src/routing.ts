import { Type, type Static } from 'typebox'
import { event } from './contract.ts'

/** Model names of the operator's own, as they are set while the gateway runs. */
export const RoutingSettings = Type.Object({
  /** Grows with every change: the highest wins, everywhere. */
  revision: Type.Integer({ minimum: 1 }),
  /** By name; laid over those of the configuration file. Null takes one away. */
  aliases: Type.Record(
    Type.String({ minLength: 1 }),
    Type.Union([
      Type.Null(),
      Type.Object({
        targets: Type.Array(Type.Object({ model: Type.String({ minLength: 1 }), weight: Type.Number({ exclusiveMinimum: 0 }) }), { minItems: 1 }),
        fallback: Type.Array(Type.String({ minLength: 1 })),
      }),
    ]),
  ),
})
export type RoutingSettings = Static<typeof RoutingSettings>

/** What holds from now on; told on every change, and again to whoever wants to know. */
export const routingSet = event({ name: 'routing_set', event: RoutingSettings })

/** Somebody has just come and knows nothing yet, or something older than this. */
export const routingWanted = event({ name: 'routing_wanted', event: Type.Object({ revision: Type.Integer({ minimum: 0 }) }) })
