import { describe, expect, test } from 'vitest'
import { cellOf } from './cell.ts'
import { FEATURES } from './features/index.ts'
import { DIALECT_NAMES } from './shapes.ts'
import { SUBJECTS } from './subjects.ts'

describe.each(SUBJECTS)('at $type', subject => {
  describe.each(DIALECT_NAMES)('a client of %s', dialect => {
    test.each(FEATURES)('loses nothing without a word: $name', feature => {
      expect(cellOf(subject, dialect, feature).faults).toEqual([])
    })
  })
})
