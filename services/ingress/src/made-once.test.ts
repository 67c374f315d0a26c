import { describe, expect, test } from 'vitest'
import { madeOnce } from './made-once.ts'

describe('what is made once', () => {
  test('is made for the first who asks, and the others share it', async () => {
    let made = 0
    const thing = madeOnce(async () => ({ number: ++made }))
    expect(made).toBe(0)
    const [first, second] = await Promise.all([thing(), thing()])
    expect(second).toBe(first)
    expect(await thing()).toBe(first)
    expect(made).toBe(1)
  })

  test('is tried again after it failed', async () => {
    let tries = 0
    const thing = madeOnce(async () => {
      if (++tries === 1) throw new Error('too many open files')
      return tries
    })
    await expect(Promise.allSettled([thing(), thing()])).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    expect(await thing()).toBe(2)
  })
})
