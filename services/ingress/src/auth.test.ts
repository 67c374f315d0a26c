import { describe, expect, test } from 'vitest'
import { authenticator } from './auth.ts'

const refused = { code: 'unauthenticated', status: 401 }

describe('the master key', () => {
  const key = 'sk-master-ключ'
  const check = authenticator(key)

  test('opens, however the scheme is written', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) expect(() => check(`${scheme} ${key}`)).not.toThrow()
  })

  test.each([undefined, '', key, 'Bearer', 'Bearer ', `Basic ${key}`, `Bearer ${key}x`, `Bearer ${key.slice(0, -1)}`, `Bearer ${key}\0`, `Bearer ${'x'.repeat(10_000)}`])('and nothing else does: %j', authorization => {
    expect(() => check(authorization)).toThrow(expect.objectContaining(refused))
  })

  test('may be longer than keys usually are', () => {
    const long = 'k'.repeat(2000)
    expect(() => authenticator(long)(`Bearer ${long}`)).not.toThrow()
    expect(() => authenticator(long)(`Bearer ${'k'.repeat(1999)}`)).toThrow(expect.objectContaining(refused))
  })

  test('is not asked for when there is none', () => {
    expect(() => authenticator(undefined)(undefined)).not.toThrow()
  })
})
