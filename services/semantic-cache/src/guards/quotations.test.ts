import { quotations } from './quotations.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(quotations, {
  apart: [
    ['translate "good night"', 'translate "good morning"'],
    ['say \'colonel\'', 'say \'kernel\''],
  ],
  alike: [
    ['translate "good night"', 'translate “good night”'],
    ['translate "good night"', 'translate good night'],
    ['what\'s a dog\'s life', 'what is a dog\'s life'],
  ],
})
