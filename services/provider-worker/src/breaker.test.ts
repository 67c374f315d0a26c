import { describe, expect, test } from 'vitest'
import { Breaker, type BreakerSettings } from './breaker.ts'
import type { Health } from './provider.ts'

function breakerAt(settings: Partial<BreakerSettings> = {}) {
  const world = { now: 0, changes: 0 }
  const breaker = new Breaker('openai', { failureThreshold: 3, successThreshold: 2, timeoutMs: 1000, ...settings }, {
    now: () => world.now,
    changed: () => {
      world.changes++
    },
  })
  const call = (...healths: Health[]): void => {
    for (const health of healths) breaker.enter().settle(health)
  }
  return { breaker, world, call }
}

describe('a circuit breaker', () => {
  test('opens after so many failures in a row, and tells', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'good', 'bad', 'bad')
    expect(breaker.state).toBe('closed')
    call('neutral', 'bad')
    expect(breaker.state).toBe('open')
    expect(world.changes).toBe(1)
  })

  test('refuses while it is open and says until when', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 400
    expect(breaker.retryAfterMs).toBe(600)
    expect(() => breaker.enter()).toThrow(expect.objectContaining({ code: 'circuit_open', details: { provider: 'openai', retryAfterMs: 600 } }))
  })

  test('is half open after its time and lets one trial through at a time', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 1000
    expect(breaker.state).toBe('half_open')
    expect(breaker.retryAfterMs).toBeUndefined()
    const trial = breaker.enter()
    expect(() => breaker.enter()).toThrow(expect.objectContaining({ code: 'circuit_open' }))
    trial.settle('good')
    expect(breaker.state).toBe('half_open')
    call('good')
    expect(breaker.state).toBe('closed')
    expect(world.changes).toBe(2)
  })

  test('a failed trial opens it anew', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 1500
    call('good', 'bad')
    expect(breaker.retryAfterMs).toBe(1000)
  })

  test('a trial that says nothing frees its place', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 1000
    call('neutral', 'neutral', 'good', 'good')
    expect(breaker.state).toBe('closed')
  })

  test('a trial has succeeded when its answer begins, however long it takes', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 1000
    const long = breaker.enter()
    long.begun()
    long.begun()
    call('good')
    expect(breaker.state).toBe('closed')
    long.settle('good')
  })

  test('a trial whose answer breaks off opens it anew', () => {
    const { breaker, world, call } = breakerAt()
    call('bad', 'bad', 'bad')
    world.now = 1000
    const trial = breaker.enter()
    trial.begun()
    trial.settle('bad')
    expect(breaker.state).toBe('open')
  })

  test('calls from before it opened have nothing to say', () => {
    const { breaker, world, call } = breakerAt()
    const [early, late] = [breaker.enter(), breaker.enter()]
    call('bad', 'bad', 'bad')
    world.now = 900
    early.settle('bad')
    expect(breaker.retryAfterMs).toBe(100)
    world.now = 1000
    late.settle('good')
    const trial = breaker.enter()
    expect(breaker.state).toBe('half_open')
    trial.settle('good')
    expect(breaker.state).toBe('half_open')
  })

  test('a threshold of none keeps it closed', () => {
    const { breaker, call } = breakerAt({ failureThreshold: 0 })
    call(...Array<Health>(20).fill('bad'))
    expect(breaker.state).toBe('closed')
  })
})
