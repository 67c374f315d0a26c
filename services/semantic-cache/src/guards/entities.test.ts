import { entities } from './entities.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(entities, {
  apart: [
    ['What is the population of Norway?', 'How many people live in Sweden?'],
    ['When was Ada Lovelace born?', 'When was Grace Hopper born?'],
    ['hotels in munich', 'hotels in berlin'],
    ['the French president', 'the German president'],
  ],
  alike: [
    ['What is the capital of France?', 'Which city is the French capital?'],
    ['Who runs the WHO?', 'Who runs the World Health Organization?'],
    ['flats in NYC', 'apartments in New York'],
    ['I love Pizza', 'I love pizza'],
    ['Moving To A New House In Spring', 'moving to a new home in spring'],
  ],
})
