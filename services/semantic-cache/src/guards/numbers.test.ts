import { numbers } from './numbers.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(numbers, {
  apart: [
    ['track order 48213', 'track order 48231'],
    ['Is 12 % a good rate?', 'Is 15% a good rate?'],
    ['phones under £50', 'phones over £50'],
    ['return it within 14 days', 'return it after 14 days'],
    ['dinner for two', 'dinner for six'],
    ['the third chapter', 'the fifth chapter'],
    ['Which city is the second largest?', 'Which city is the third largest?'],
    ['Henry VII', 'Henry VIII'],
    ['tips for saving', '5 tips for saving'],
    ['Python 3.10', 'Python 3.1'],
    ['a 5-10 day tour', 'a 10-15 day tour'],
    ['at least 18 years', 'at most 18 years'],
    ['join two tables', 'join three tables'],
  ],
  alike: [
    ['twenty-five people', '25 people'],
    ['1,000 users', '1000 users'],
    ['10k users', 'ten thousand users'],
    ['two hundred and five', '205'],
    ['between 5 and 10 days', '5–10 days'],
    ['the 3rd chapter', 'the third chapter'],
    ['15 percent of 80', '15% of 80'],
    ['World War II', 'the second world war'],
    ['12 times twelve', 'twelve times 12'],
    ['which one is better', 'what is better'],
    ['１２ apples', '12 apples'],
    ['How long is an hour-long drive of 1 hour?', 'How long is an hour-long drive of one hour?'],
    ['How do I join two strings?', 'How can I concatenate strings?'],
  ],
})
