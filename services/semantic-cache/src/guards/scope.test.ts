import { scope } from './scope.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(scope, {
  apart: [
    ['delete all files', 'delete some files'],
    ['the first model', 'the latest model'],
    ['countries that use the euro', 'countries that only use the euro'],
    ['every invoice', 'every invoice except the open ones'],
    ['What\'s my IP?', 'What\'s your IP?'],
    ['planet with the most moons', 'planet with the least moons'],
    ['Who was the first mayor?', 'Who was the mayor?'],
    ['who has the most followers', 'who has the fewest followers'],
  ],
  alike: [
    ['all birds', 'every bird'],
    ['How do I raise my score?', 'How do you raise your score?'],
    ['does it work at all', 'does it work'],
    ['what is your last name', 'what is your surname'],
    ['list the files', 'list all files'],
    ['Can I bring my own food?', 'Is it allowed to bring your own food?'],
    ['the first world war', 'world war one'],
    ['the cheapest way', 'the way with the lowest cost'],
    ['Is my payment safe?', 'Are payments safe on your site?'],
  ],
})
