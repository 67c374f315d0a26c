import { units } from './units.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(units, {
  apart: [
    ['a run of 5 km', 'a run of 5 miles'],
    ['take 100 mg', 'take 100 g'],
    ['is $50 a lot', 'is €50 a lot'],
    ['How many feet are in a mile?', 'How many meters are in a mile?'],
    ['bake at 180 C', 'bake at 180 F'],
    ['wait 30 seconds', 'wait 30 minutes'],
  ],
  alike: [
    ['1 km', '1000 m'],
    ['a 90 minute film', 'a 1.5 hour film'],
    ['2 weeks of leave', '14 days of leave'],
    ['5kg', '5 kilograms'],
    ['$50', '50 dollars'],
    ['24 months', '2 years'],
    ['How many days are in a week?', 'How many days does a week have?'],
  ],
})
