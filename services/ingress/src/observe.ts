import type { Bus } from '@gomodel/bus'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the ingress counts. Labels are routes and statuses, so that their number is bounded. */
export interface IngressMetrics {
  readonly requests: Counter<'route' | 'status'>
  readonly seconds: Histogram<'route'>
}

export function ingressMetrics(registry: Registry, bus: Bus): IngressMetrics {
  const registers = [registry]
  const bridge = (name: string, help: string, read: () => number) =>
    new Gauge({ name, help, registers, collect() { this.set(read()) } })
  bridge('gateway_exchanges_in_flight', 'Exchanges that wait for their end.', () => bus.counts.inFlight)
  bridge('gateway_bus_granted_bytes', 'Bytes that all workers together may have on the way to this ingress.', () => bus.counts.grantedBytes)
  bridge('gateway_bus_resumes', 'Resends asked for since the start.', () => bus.counts.resumes)
  bridge('gateway_bus_late_frames', 'Frames for exchanges that were over, since the start.', () => bus.counts.lateFrames)
  return {
    requests: new Counter({ name: 'gateway_requests_total', help: 'Requests by route and status.', labelNames: ['route', 'status'], registers }),
    seconds: new Histogram({ name: 'gateway_request_seconds', help: 'Time from the request to the end of its answer.', labelNames: ['route'], buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120], registers }),
  }
}
