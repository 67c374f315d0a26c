import { code } from './code.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(code, {
  apart: [
    ['what does `a.map(f)` do', 'what does `a.forEach(f)` do'],
    ['run ```rm a```', 'run ```rm b```'],
    ['what does this do', 'what does this do: `x`'],
  ],
  alike: [
    ['What does `a == b` mean?', 'what is the meaning of `a == b`'],
    ['no code here', 'none here'],
  ],
})
