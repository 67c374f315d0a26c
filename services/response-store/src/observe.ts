import { Counter, Gauge, type Registry } from 'prom-client'
import type { DiskStore } from './disk-store.ts'

/** What the response store counts. */
export interface ResponseStoreMetrics {
  /** `put`: stored, too_large, unavailable; `get` and `delete`: found, missing, unavailable. */
  done(operation: 'put' | 'get' | 'delete', verdict: string): void
}

export function responseStoreMetrics(registry: Registry): ResponseStoreMetrics {
  const operations = new Counter({ name: 'gateway_response_store_operations_total', help: 'What was asked of the response store, and what came of it.', labelNames: ['operation', 'verdict'], registers: [registry] })
  return { done: (operation, verdict) => operations.inc({ operation, verdict }) }
}

/** What the responses on the disk take. */
export function diskMetrics(registry: Registry, store: DiskStore): void {
  const bridge = (name: string, help: string, read: () => number) =>
    new Gauge({ name, help, registers: [registry], collect() { this.set(read()) } })
  bridge('gateway_response_store_disk_bytes', 'How much of the disk the responses take.', () => store.bytes)
  bridge('gateway_response_store_disk_entries', 'Responses on the disk.', () => store.entries)
}
