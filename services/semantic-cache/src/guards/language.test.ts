import { language } from './language.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(language, {
  apart: [
    ['What is the capital of Spain?', '¿Cuál es la capital de España?'],
    ['how are you', 'आप कैसे हैं'],
    ['Wie kann ich das machen?', 'Comment puis-je faire cela pour vous ?'],
    ['what is the weather like', '今日の天気はどうですか'],
    ['How do I cancel?', 'Como faço para cancelar?'],
    ['How old is Berlin?', 'Wie alt ist Berlin?'],
  ],
  alike: [
    ['What is the capital of Spain?', 'what\'s Spain\'s capital'],
    ['Wie kann ich das machen?', 'Wie mache ich das?'],
    ['reset password', 'password reset'],
    ['sauerkraut recipe', 'How do I make sauerkraut?'],
    ['Is the tomato a fruit?', 'Do tomatoes count as fruit?'],
    ['¿Cómo hago para cancelar?', '¿Cómo puedo cancelar?'],
  ],
})
