import { expect, test } from 'vitest'
import { cacheControl } from './cache-control.ts'

test.each([
  [undefined, { read: true, write: true, maxAgeSeconds: Infinity }],
  ['no-cache', { read: false, write: true, maxAgeSeconds: Infinity }],
  ['No-Store', { read: false, write: false, maxAgeSeconds: Infinity }],
  ['max-age=0, no-store', { read: false, write: false, maxAgeSeconds: 0 }],
  ['private,max-age=60', { read: true, write: true, maxAgeSeconds: 60 }],
  ['max-age=soon', { read: true, write: true, maxAgeSeconds: Infinity }],
  ['no-cachet, xno-store', { read: true, write: true, maxAgeSeconds: Infinity }],
])('Cache-Control: %s', (header, expected) => expect(cacheControl(header)).toEqual(expected))
