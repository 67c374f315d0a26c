import type { Spread } from './summary.ts'

/** A Markdown table that is also readable as it stands: the first column to the left, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(3, title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(header), rule, ...rows.map(line)].join('\n')
}

/** A number for a table; a dash for what was not measured. */
export function shown(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return '-'
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

export const percent = (share: number): string => (Number.isFinite(share) ? `${shown(share * 100)} %` : '-')

/** How many times as much; a few percent stay readable. */
export const times = (factor: number): string => (Number.isFinite(factor) ? `${shown(factor, factor < 0.1 ? 3 : 2)} x` : '-')

/** The median and, where there is more than one round, its bounds. */
export function withBounds({ median, min, max }: Spread, show: (value: number) => string): string {
  return min === max ? show(median) : `${show(median)} (${show(min)} to ${show(max)})`
}
