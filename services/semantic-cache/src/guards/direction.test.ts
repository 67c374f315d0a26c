import { direction } from './direction.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(direction, {
  apart: [
    ['How do I convert Word to PDF?', 'How can I turn a PDF into a Word file?'],
    ['move $5 from savings to checking', 'move $5 from checking to savings'],
    ['Anna lent Tom money', 'Tom lent Anna money'],
    ['a train from Rome to Bari', 'a train to Rome from Bari'],
    ['Does stress cause pain?', 'Does pain cause stress?'],
    ['rinse before washing', 'wash before rinsing'],
    ['Do you ship to Canada?', 'Do you ship from Canada?'],
  ],
  alike: [
    ['Python vs Java', 'Java vs Python'],
    ['the difference between tea and coffee', 'the difference between coffee and tea'],
    ['from Rome to Bari', 'to Bari from Rome'],
    ['the distance from Rome to Bari', 'the distance from Bari to Rome'],
    ['he played in Rome in May', 'he played in May in Rome'],
    ['salt and pepper', 'pepper and salt'],
  ],
})
