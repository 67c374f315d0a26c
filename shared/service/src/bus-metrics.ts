import type { Bus, BusCounts } from '@gomodel/bus'
import { Counter, Gauge, type Registry } from 'prom-client'

/** What the buses of a process count, told apart by the service that each belongs to; read when somebody looks. */
export function busMetrics(registry: Registry, buses: ReadonlyMap<string, Bus>): void {
  const registers = [registry]
  const counted = (name: string, help: string, read: (counts: BusCounts) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['service'],
      registers,
      collect() {
        this.reset()
        for (const [service, bus] of buses) this.inc({ service }, read(bus.counts))
      },
    })
  const present = (name: string, help: string, read: (bus: Bus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers,
      collect() {
        for (const [service, bus] of buses) this.set({ service }, read(bus))
      },
    })
  registry.registerMetric(
    new Counter({
      name: 'gateway_bus_frames_total',
      help: 'Numbered frames of answers and of large request bodies.',
      labelNames: ['service', 'direction'],
      registers: [],
      collect() {
        this.reset()
        for (const [service, { counts }] of buses) {
          this.inc({ service, direction: 'in' }, counts.framesIn)
          this.inc({ service, direction: 'out' }, counts.framesOut)
        }
      },
    }),
  )
  counted('gateway_bus_credits_total', 'Messages sent that give credit, acknowledge or probe.', counts => counts.credits)
  counted('gateway_bus_resumes_total', 'Resends asked for.', counts => counts.resumes)
  counted('gateway_bus_late_frames_total', 'Messages that came for an exchange or a question that was over.', counts => counts.lateFrames)
  counted('gateway_bus_retries_total', 'Attempts that followed one that another worker failed, refused or did not take.', counts => counts.retries)
  present('gateway_exchanges_in_flight', 'Exchanges whose answer is awaited.', bus => bus.counts.inFlight)
  present('gateway_bus_granted_bytes', 'Bytes that all senders together may have on the way to this service.', bus => bus.counts.grantedBytes)
  present('gateway_bus_connected', '1 while the bus can be reached.', bus => Number(bus.connected))
}
