import { questionWord } from './question-word.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(questionWord, {
  apart: [
    ['Who founded it?', 'When was it founded?'],
    ['Why do vaccines work?', 'How do vaccines work?'],
    ['Is the museum open?', 'When is the museum open?'],
    ['How many moons does Mars have?', 'Why does Mars have moons?'],
    ['What do owls eat?', 'When do owls eat?'],
    ['Where do penguins live?', 'How long do penguins live?'],
    ['What do owls eat?', 'How much do owls eat?'],
    ['How long does shipping take?', 'How much does shipping cost?'],
  ],
  alike: [
    ['When did it end?', 'In what year did it end?'],
    ['Why is it blue?', 'What makes it blue?'],
    ['Why is it blue?', 'How come it is blue?'],
    ['Can you tell me where it is?', 'Where is it?'],
    ['How do I do it?', 'What is the way to do it?'],
    ['What is the price of a passport?', 'How much is a passport?'],
    ['Who painted it?', 'It was painted by which artist?'],
    ['What is the purpose of an index?', 'Why use an index?'],
    ['How does it fly?', 'What makes it fly?'],
    ['How many hours of sleep do adults need?', 'How much sleep do adults need?'],
    ['Are there any side effects?', 'What are the side effects?'],
    ['Which is bigger, Rome or Bari?', 'Is Rome bigger than Bari?'],
  ],
})
