import { negation } from './negation.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(negation, {
  apart: [
    ['Is it legal to park here?', 'Is it illegal to park here?'],
    ['take it with alcohol', 'take it without alcohol'],
    ['Why does it work?', 'Why doesn\'t it work?'],
    ['Who is eligible?', 'Who is ineligible?'],
    ['people who vote', 'people who never vote'],
    ['I can log in', 'I can\'t log in'],
    ['is ibuprofen safe', 'is ibuprofen unsafe'],
    ['Do you ship there?', 'Don\'t ship it there'],
    ['Which shops are closed?', 'Which shops are not closed?'],
  ],
  alike: [
    ['Isn\'t it illegal?', 'Is it legal?'],
    ['I cannot log in', 'I can\'t log in'],
    ['it isn\'t working', 'it\'s broken'],
    ['Is it not safe?', 'Is it unsafe?'],
    ['I dont know', 'I don’t know'],
    ['see whether or not it rains', 'see whether it rains'],
    ['Why not buy it?', 'Why buy it?'],
    ['Isn\'t it too late to apply?', 'Is it too late to apply?'],
    ['Which shops are closed?', 'Which shops are not open?'],
    ['Is coffee bad for you?', 'Is coffee unhealthy?'],
    ['The parcel never came and I don\'t have it', 'The parcel has not arrived'],
  ],
})
