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
  ],
  alike: [
    ['open and close a file', 'close and open a file'],
    ['turn the light off', 'disable the light'],
    ['lunch comes before dinner', 'dinner comes after lunch'],
    ['boost my score', 'increase my score'],
    ['advantages and disadvantages', 'pros and cons'],
  ],
})
