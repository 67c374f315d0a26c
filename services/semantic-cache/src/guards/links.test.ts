import { links } from './links.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(links, {
  apart: [
    ['read https://example.com/a', 'read https://example.com/b'],
    ['read https://example.com/a', 'read the page'],
    ['see www.example.com', 'see www.example.org'],
  ],
  alike: [
    ['read https://www.example.com/a/', 'read http://example.com/a.'],
    ['no link', 'none'],
  ],
})
