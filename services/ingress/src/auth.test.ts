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

describe('a key in x-api-key', () => {
  const key = 'sk-master'
  const check = authenticator(key)

  test('opens as a bearer does, alone or beside one that is meant for somebody else', () => {
    expect(() => check(undefined, key)).not.toThrow()
    expect(() => check('Bearer sk-ant-other', key)).not.toThrow()
    expect(() => check(`Bearer ${key}`, 'sk-ant-other')).not.toThrow()
  })

  test.each([undefined, '', 'sk-ant-other', `${key}x`, [key, key]])('and nothing else does: %j', apiKey => {
    expect(() => check(undefined, apiKey)).toThrow(expect.objectContaining(refused))
    expect(() => check('Bearer wrong', apiKey)).toThrow(expect.objectContaining(refused))
  })
})
