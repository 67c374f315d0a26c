import type { Metric, Registry } from 'prom-client'

/** What every metric has. Values of labels are of bounded number, and given in the order of their names. */
export interface MetricOptions {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  readonly registry: Registry
}

interface Sample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** One counter for one set of label values. */
export class Count {
  total = 0

  inc(by = 1): void {
    this.total += by
  }
}

/** One histogram for one set of label values. */
export class Observations {
  readonly #bounds: readonly number[]
  /** By bucket, each without the ones below; the last is above all bounds. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = [...bounds, Number.POSITIVE_INFINITY].map(() => 0)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++
    this.counts[bucket]!++
    this.sum += value
  }
}

/**
 * The children of a metric by their label values. The library hashes all labels for each observation, and looks buckets up by the text of their
 * bounds: 1 to 4 µs each, a dozen times a request. These only add, and are told in the library's form when somebody looks.
 */
class Children<T> {
  readonly #labelNames: readonly string[]
  readonly #make: () => T
  readonly #children = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly child: T }>()

  constructor(type: 'counter' | 'histogram', { name, help, labelNames = [], registry }: MetricOptions, make: () => T, samples: (child: T, labels: Readonly<Record<string, string>>) => Sample[]) {
    this.#labelNames = labelNames
    this.#make = make
    const told = { name, help, type, aggregator: 'sum', get: async () => ({ name, help, type, aggregator: 'sum', values: [...this.#children.values()].flatMap(({ labels, child }) => samples(child, labels)) }), reset: () => this.#children.clear() }
    registry.registerMetric(told as unknown as Metric)
    if (labelNames.length === 0) this.of()
  }

  /** The one for these label values, from now on told even while it is zero. */
  of(first = '', second = ''): T {
    const key = second === '' ? first : `${first}\n${second}`
    return (this.#children.get(key) ?? this.#added(key, [first, second])).child
  }

  #added(key: string, values: readonly string[]): { readonly labels: Readonly<Record<string, string>>; readonly child: T } {
    const made = { labels: Object.fromEntries(this.#labelNames.map((name, index) => [name, values[index]!])), child: this.#make() }
    this.#children.set(key, made)
    return made
  }
}

/** A counter for the token path. */
export class QuickCounter extends Children<Count> {
  constructor(options: MetricOptions) {
    super('counter', options, () => new Count(), ({ total }, labels) => [{ labels, value: total }])
  }
}

/** A histogram for the token path; `buckets` are upper bounds, ascending. */
export class QuickHistogram extends Children<Observations> {
  constructor({ buckets, ...options }: MetricOptions & { readonly buckets: readonly number[] }) {
    super('histogram', options, () => new Observations(buckets), ({ counts, sum }, labels) => {
      let below = 0
      const cumulative = counts.map((count, index) => ({ metricName: `${options.name}_bucket`, labels: { le: buckets[index] ?? '+Inf', ...labels }, value: (below += count) }))
      return [...cumulative, { metricName: `${options.name}_sum`, labels, value: sum }, { metricName: `${options.name}_count`, labels, value: below }]
    })
  }
}
