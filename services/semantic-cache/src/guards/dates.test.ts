import { dates } from './dates.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(dates, {
  apart: [
    ['open on Monday', 'open on Tuesday'],
    ['on March 5, 2024', 'on March 6, 2024'],
    ['rain tomorrow', 'rain today'],
    ['at 7pm', 'at 9pm'],
    ['at 08:30', 'at 18:30'],
    ['taxes in April', 'taxes in July'],
    ['due next week', 'due next month'],
    ['on 5 March', 'on 3 May'],
    ['sales last year', 'sales this year'],
    ['trips to Oslo in May', 'trips to Oslo'],
    ['on 13/06/2025', 'on 13/07/2025'],
    ['What\'s the menu today?', 'What\'s the menu tomorrow?'],
  ],
  alike: [
    ['on March 5, 2024', 'on 2024-03-05'],
    ['the 5th of March', 'March 5'],
    ['05/03/2024', '5 March 2024'],
    ['at 3pm', 'at 15:00'],
    ['at 3 p.m.', 'at 3 pm'],
    ['open on Sundays', 'open on Sunday'],
    ['at noon', 'at 12:00'],
    ['You may go', 'you may leave'],
    ['in Sept', 'in September'],
    ['31.12.2024', '2024-12-31'],
    ['rain in Rome in May', 'rain in Rome during May'],
    ['today\'s date in Python', 'the current date in Python'],
    ['due on Sept 3', 'due on September 3rd'],
  ],
})
