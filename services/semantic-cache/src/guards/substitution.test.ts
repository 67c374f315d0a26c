import { substitution } from './substitution.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(substitution, {
  apart: [
    ['What is a verb?', 'What is a noun?'],
    ['How do I make a cake?', 'How do I make a pizza?'],
    ['Can cats eat cheese?', 'Can cats eat chocolate?'],
    ['Explain mitosis', 'explain meiosis'],
    ['How do I grow tomatoes indoors?', 'What\'s the best way to grow basil indoors?'],
    ['los perros comen pan', 'los perros comen arroz'],
    ['What is machine learning?', 'What is deep learning?'],
    ['How do I tie a tie?', 'How do I tie a bow?'],
    ['How do I cancel my contract?', 'How do I freeze my contract?'],
    ['Why does my car make a rattling noise?', 'Why does my car make a burning smell?'],
  ],
  alike: [
    ['How do I lose weight quickly?', 'How can I lose weight fast?'],
    ['install the printer', 'installation of the printer'],
    ['restaurants near me', 'restuarants near me'],
    ['What is a good laptop?', 'What is the best laptop?'],
    ['my favourite colour', 'my favorite color'],
    ['build a website', 'build a web site'],
    ['The old mill by the river was sold to the town council in spring after a long dispute about unpaid local property taxes', 'The old mill by the river was sold to the town council in spring after a long quarrel about unpaid local property taxes'],
    ['How do I upgrade to the premium plan?', 'What is the way to switch to a premium subscription?'],
    ['I was charged twice for my order', 'my order was billed two times'],
    ['How do I recieve a paymant?', 'How do I receive a payment?'],
    ['Who is the pres of France?', 'Who is the president of France?'],
    ['What is the best way to organise a catalogue?', 'How do I organize a catalog?'],
    ['Is remote work productive?', 'Is working remotely productive?'],
    ['Which shots does a puppy need?', 'Which vaccinations does a puppy need?'],
  ],
})
