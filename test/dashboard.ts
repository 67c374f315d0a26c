import { read } from './compose-files.ts'

interface Source {
  type: string
  uid: string
}

interface Panel {
  id: number
  title: string
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: Source
  targets?: { expr: string; legendFormat: string; datasource: Source }[]
}

/** The dashboard that Grafana is given. */
export const dashboard = (): { uid: string; panels: Panel[] } => JSON.parse(read('infra/grafana/dashboards/gomodel.json')) as { uid: string; panels: Panel[] }

/** A line of a panel: what it asks for, and the labels by which its legend tells one from another. */
export interface Drawn {
  readonly title: string
  readonly expression: string
  readonly labels: readonly string[]
}

/** Every line of the dashboard with the interval that Grafana would put in: four scrapes and one. */
export const drawn = (): Drawn[] =>
  dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      title: `${title}: ${legendFormat}`,
      expression: expr.replaceAll('$__rate_interval', '25s'),
      labels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  )

/** A metric as it is named in `# TYPE`, and of which type it has to be for an expression to use it so. */
export interface Used {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
}

/** The metrics that our services export, in an expression. */
export const metricsIn = (expression: string): Used[] =>
  [...expression.matchAll(/(?:gateway|nodejs|process)_\w+/g)].map(([name]) => {
    const histogram = /^(.*)_(bucket|sum|count)$/.exec(name)?.[1]
    if (histogram !== undefined) return { name: histogram, type: 'histogram' }
    return { name, type: name.endsWith('_total') ? 'counter' : 'gauge' }
  })
