import { Counter, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { QuickCounter, QuickHistogram } from './quick-metrics.ts'

test('what is counted reads as the library would tell it', async () => {
  const [ours, theirs] = [new Registry(), new Registry()]
  const buckets = [0.001, 0.5, 2]
  const quick = {
    requests: new QuickCounter({ name: 'requests_total', help: 'Requests.', labelNames: ['route', 'status'], registry: ours }),
    plain: new QuickCounter({ name: 'plain_total', help: 'Without labels.', registry: ours }),
    seconds: new QuickHistogram({ name: 'seconds', help: 'Time.', labelNames: ['route'], buckets, registry: ours }),
    all: new QuickHistogram({ name: 'all_seconds', help: 'All time.', buckets, registry: ours }),
  }
  const registers = [theirs]
  const slow = {
    requests: new Counter({ name: 'requests_total', help: 'Requests.', labelNames: ['route', 'status'], registers }),
    plain: new Counter({ name: 'plain_total', help: 'Without labels.', registers }),
    seconds: new Histogram({ name: 'seconds', help: 'Time.', labelNames: ['route'], buckets, registers }),
    all: new Histogram({ name: 'all_seconds', help: 'All time.', buckets, registers }),
  }
  expect(await ours.metrics()).toBe(await theirs.metrics())
  for (const [route, status, seconds] of [['/a', '200', 0.001], ['/a', '200', 0.25], ['/b "quoted"', '500', 7], ['/a', '404', 0.5]] as const) {
    quick.requests.of(route, status).inc()
    slow.requests.inc({ route, status })
    quick.seconds.of(route).observe(seconds)
    slow.seconds.observe({ route }, seconds)
    quick.all.of().observe(seconds)
    slow.all.observe(seconds)
    quick.plain.of().inc(3)
    slow.plain.inc(3)
  }
  quick.seconds.of('/never')
  slow.seconds.zero({ route: '/never' })
  expect(await ours.metrics()).toBe(await theirs.metrics())
  ours.resetMetrics()
  expect(await ours.metrics()).not.toContain('/a')
})
