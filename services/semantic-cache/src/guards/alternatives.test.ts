import { alternatives } from './alternatives.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(alternatives, {
  apart: [
    ['flu symptoms', 'causes of the flu'],
    ['sort a list in Python', 'how to sort a list in Java'],
    ['a red dress for a party', 'party dress in blue'],
    ['save it as a PDF', 'save as csv'],
  ],
  alike: [
    ['flu symptoms', 'signs of the flu'],
    ['Python or Java?', 'Java or Python?'],
    ['a red dress', 'a dress'],
  ],
})
