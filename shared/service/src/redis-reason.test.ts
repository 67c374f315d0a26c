import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { redisReason } from './redis-reason.ts'

const refused = (message: string): unknown => Reflect.construct(ReplyError, [message])

test.each([
  ['WRONGPASS invalid username-password pair or user is disabled.', 'it refuses the password'],
  ['ERR invalid password', 'it refuses the password'],
  ['NOAUTH Authentication required.', 'it wants a password'],
  ['ERR DB index is out of range', 'it has no such database'],
  ["NOPERM User default has no permissions to run the 'get' command", 'its user may not do this'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'its memory is full'],
  ['CLUSTERDOWN Hash slot not served', 'it refuses with CLUSTERDOWN'],
  ['hidden word', 'it refuses with an error'],
])('a refusal is told in words of our own: %s', (message, text) => {
  expect(redisReason(refused(message))).toEqual({ text, refusal: true })
})

test('what Redis quotes of a command is not repeated', () => {
  expect(redisReason(refused("ERR unknown command 'AUTH', with args beginning with: 'hidden' ")).text).toBe('it refuses with ERR')
})

test.each<[unknown, string]>([
  [Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new Error("Socket timeout. Expecting data, but didn't receive any in 1000ms."), 'it does not answer in time'],
  [Object.assign(new Error('x'), { code: 'some words: hidden' }), 'the connection broke'],
  [new Error('hidden'), 'the connection broke'],
])('a broken connection is told by its code, or generally: %s', (thrown, text) => {
  expect(redisReason(thrown)).toEqual({ text, refusal: false })
})
