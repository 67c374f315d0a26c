import { questionWord } from './question-word.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(questionWord, {
  apart: [
    ['Who founded it?', 'When was it founded?'],
    ['Why do vaccines work?', 'How do vaccines work?'],
    ['Is the museum open?', 'When is the museum open?'],
    ['How many moons does Mars have?', 'Why does Mars have moons?'],
    ['What do owls eat?', 'When do owls eat?'],
  ],
  alike: [
    ['When did it end?', 'In what year did it end?'],
    ['Why is it blue?', 'What makes it blue?'],
    ['Why is it blue?', 'How come it is blue?'],
    ['Can you tell me where it is?', 'Where is it?'],
    ['How do I do it?', 'What is the way to do it?'],
  ],
})
