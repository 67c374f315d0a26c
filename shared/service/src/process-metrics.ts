import { performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

/**
 * What a process takes, read when it is asked for. The library's own default metrics watch every garbage collection and the event loop all
 * the time, which cost 6 to 12 % of a loop that allocates much.
 */
export function processMetrics(registry: Registry): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) => new Gauge({ name, help, registers, collect() { this.set(read()) } })
  gauge('process_resident_memory_bytes', 'Memory that the process has.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', 'Memory that objects take.', () => process.memoryUsage().heapUsed)
  gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', () => Math.round(performance.timeOrigin / 1000))
  let before = performance.eventLoopUtilization()
  gauge('nodejs_eventloop_utilization', 'Share of the time since the last look in which the event loop was busy, from 0 to 1.', () => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    return utilization
  })
  const processor = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time that the process took.',
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
    registers: [],
  })
  registry.registerMetric(processor)
}
