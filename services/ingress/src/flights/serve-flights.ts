import type { Bus, Served } from '@gomodel/bus'
import { flight, GatewayError, type EndOf } from '@gomodel/contracts'
import type { Flights } from './flights.ts'

// One for each key and other ingress: the followers there share it.
const CAPACITY = 10_000

/** Lets other ingresses follow the flights that this one leads. */
export function serveFlights(bus: Bus, flights: Flights): Served {
  return bus.serveExchange(flight, { to: flights.ingress, capacity: CAPACITY }, async call => {
    const { key, flight: id } = call.request
    const led = flights.led(key, id)
    if (!led) throw new GatewayError('not_found', 'there is no such flight, or not any more')
    const reader = led.flight.join(call)
    if (!reader) throw new GatewayError('overloaded', 'the answer is too large for more readers')
    try {
      const source = await reader.opened()
      call.head({ answer: source.head })
      for await (const bytes of reader) if (!call.write(bytes)) await call.drained()
      const { usage, nativeUsage } = source.end ?? {}
      return { ...(usage && { usage }), ...(nativeUsage && { nativeUsage }) }
    } catch (thrown) {
      if (reader.place === 0) call.head(led.manner === undefined ? {} : { manner: led.manner })
      return { failure: failureOf(thrown) }
    }
  })
}

/** The failure of the answer, which is none of the flight: whoever follows is told the same as the leader's own client. */
function failureOf(thrown: unknown): NonNullable<EndOf<typeof flight>['failure']> {
  const { code, message, param, reason, provider, retryAfterMs } = GatewayError.from(thrown).toWire()
  return { code, message, ...(param && { param }), ...(reason && { reason }), ...(provider && { provider }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
