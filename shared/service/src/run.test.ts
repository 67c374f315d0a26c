import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('a service whose launcher goes while it starts ends by itself', async () => {
  const child = fork(join(import.meta.dirname, 'fixtures/slow-start.ts'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  await once(child.stdout!, 'data')
  child.disconnect()
  expect(await ended).toEqual([0, null])
})
