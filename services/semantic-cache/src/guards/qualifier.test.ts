import { qualifier } from './qualifier.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(qualifier, {
  apart: [
    ['best restaurants', 'best restaurants in Berlin'],
    ['How do I get a visa?', 'How do I get a visa for Turkey?'],
    ['Is yoga good?', 'Is yoga good during pregnancy?'],
    ['parking rules', 'parking rules for buses'],
  ],
  alike: [
    ['How do I reset my password?', 'Please tell me how I can reset my password'],
    ['What is the capital of France?', 'What\'s the capital city of France?'],
    ['What is photosynthesis?', 'What is photosynthesis, in simple terms?'],
  ],
})
