import { randomFillSync } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'

const ROOT = 'gw.v1'
const TOKEN = /^[A-Za-z0-9_~-]+$/

/** Where a request for any worker of a pool goes; the pool's workers share it as a queue group. */
export const anySubject = (service: string, pool: string) => `${ROOT}.req.${service}.${token(pool)}`
/** Where a request for one worker goes. */
export const directSubject = (service: string, pool: string, worker: string) => `${ROOT}.dir.${service}.${token(pool)}.${worker}`
/** Where a caller talks to a worker about running exchanges. */
export const upSubject = (service: string, pool: string, worker: string) => `${ROOT}.up.${service}.${token(pool)}.${worker}`
/** Where a worker tells its load. */
export const loadSubject = (service: string, pool: string, worker: string) => `${ROOT}.load.${service}.${token(pool)}.${worker}`
export const allLoads = `${ROOT}.load.>`
export const askSubject = (name: string, to?: string) => `${ROOT}.ask.${name}${to === undefined ? '' : `.${token(to)}`}`
export const eventSubject = (name: string, to?: string) => `${ROOT}.evt.${name}${to === undefined ? '' : `.${token(to)}`}`
export const inboxPrefix = (name: string, id: string) => `_R.${token(name)}.${id}`
/** The queue group of every pool. */
export const QUEUE = 'w'

/** Length of an id from `randomToken`, in characters. */
export const TOKEN_LENGTH = 22

const pool = Buffer.allocUnsafe(4096)
let used = pool.length

/** 128 random bits as 22 characters that a subject may hold. */
export function randomToken(): string {
  if (used + 16 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.toString('base64url', used - 16, used)
}

/** Compiles a pattern with `*` and `>` into a test of subjects. */
export function matcher(pattern: string): (subject: string) => boolean {
  const head = pattern.slice(0, -1)
  if (!/[*>]/.test(pattern)) return subject => subject === pattern
  // The two shapes of the token path: no splitting there.
  if (pattern.endsWith('.*') && !/[*>]/.test(head)) return subject => subject.startsWith(head) && !subject.includes('.', head.length)
  if (pattern.endsWith('.>') && !/[*>]/.test(head)) return subject => subject.startsWith(head) && subject.length > head.length
  const wanted = pattern.split('.')
  return subject => covers(wanted, subject.split('.'))
}

function covers(wanted: string[], given: string[]): boolean {
  for (const [i, part] of wanted.entries()) {
    if (part === '>') return given.length > i
    if (i >= given.length || (part !== '*' && part !== given[i])) return false
  }
  return wanted.length === given.length
}

function token(value: string): string {
  if (!TOKEN.test(value)) throw new GatewayError('internal', 'a name on the bus may hold letters, digits, - and _ only')
  return value
}
