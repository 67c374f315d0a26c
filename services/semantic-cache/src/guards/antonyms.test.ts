import { antonyms } from './antonyms.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(antonyms, {
  apart: [
    ['open an account', 'close an account'],
    ['turn on the light', 'switch the light off'],
    ['should I buy', 'should I sell'],
    ['rights of an employer', 'rights of an employee'],
    ['eat before running', 'eat after running'],
    ['pros of nuclear power', 'cons of nuclear power'],
    ['which states allow it', 'which states forbid it'],
    ['raise my heart rate', 'lower my heart rate'],
    ['My phone is locked', 'My phone is unlocked'],
    ['Who sends the goods?', 'Who receives the goods?'],
    ['How do I save more?', 'How do I spend more?'],
    ['How do I buy stamps?', 'How do I sell stamps?'],
  ],
  alike: [
    ['open and close a file', 'close and open a file'],
    ['turn the light off', 'disable the light'],
    ['lunch comes before dinner', 'dinner comes after lunch'],
    ['boost my score', 'increase my score'],
    ['advantages and disadvantages', 'pros and cons'],
    ['My account is locked, what now?', 'How do I unlock my account?'],
    ['How do I save money on food?', 'How can I spend less on food?'],
    ['Do you sell gift cards?', 'Can I buy gift cards here?'],
    ['Which shops are not open on Sunday?', 'Which shops are closed on Sunday?'],
    ['My laptop is so slow', 'How do I make my laptop faster?'],
    ['Where can I buy stamps?', 'Which places sell stamps?'],
  ],
})
