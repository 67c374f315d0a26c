import { tense } from './tense.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(tense, {
  apart: [
    ['Who is the mayor?', 'Who was the mayor?'],
    ['Should I quit?', 'Can I quit?'],
    ['Did it rain?', 'Will it rain?'],
    ['Must I wear a tie?', 'May I wear a tie?'],
  ],
  alike: [
    ['How can I quit?', 'How should I quit?'],
    ['Is it possible to pay here?', 'Can I pay here?'],
    ['Is a visa required?', 'Do I need a visa?'],
    ['Who\'s the mayor?', 'who is the mayor'],
    ['Where was Mozart born?', 'What is the birthplace of Mozart?'],
    ['My flight was cancelled, what are my rights?', 'What rights do I have if my flight gets cancelled?'],
    ['Who is the inventor of the radio?', 'Who was it that invented the radio?'],
  ],
})
