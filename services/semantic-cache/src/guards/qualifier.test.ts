import { qualifier } from './qualifier.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(qualifier, {
  apart: [
    ['best restaurants', 'best restaurants in Berlin'],
    ['How do I get a visa?', 'How do I get a visa for Turkey?'],
    ['Is yoga good?', 'Is yoga good during pregnancy?'],
    ['parking rules', 'parking rules for buses'],
    ['Is tap water safe?', 'Is tap water safe in Mexico?'],
  ],
  alike: [
    ['How do I reset my password?', 'Please tell me how I can reset my password'],
    ['What is the capital of France?', 'What\'s the capital city of France?'],
    ['What is photosynthesis?', 'What is photosynthesis, in simple terms?'],
    ['Who painted the Mona Lisa?', 'The Mona Lisa was painted by which artist?'],
    ['Are there sharks in the Mediterranean?', 'Do sharks live in the Mediterranean Sea?'],
    ['Explain recursion', 'What is recursion, in simple words?'],
    ['export as CSV', 'export as a CSV file'],
    ['How many states are in the US?', 'How many states does the United States have?'],
  ],
})
