import { cellOf } from './cell.ts'
import { FEATURES } from './features/index.ts'
import { type Cell, DIALECT_NAMES, type DialectName } from './shapes.ts'
import { SUBJECTS } from './subjects.ts'

/** What becomes of every feature at every provider for every client. */
export interface Matrix {
  readonly features: readonly string[]
  readonly dialects: readonly { readonly dialect: DialectName; readonly rows: readonly { readonly provider: string; readonly models: readonly string[]; readonly cells: readonly Cell[] }[] }[]
}

/** Computes all of it. */
export const matrix = (): Matrix => ({
  features: FEATURES.map(({ name }) => name),
  dialects: DIALECT_NAMES.map(dialect => ({
    dialect,
    rows: SUBJECTS.map(subject => ({
      provider: subject.type,
      models: [...new Set(Object.values(subject.models))],
      cells: FEATURES.map(feature => cellOf(subject, dialect, feature)),
    })),
  })),
})
