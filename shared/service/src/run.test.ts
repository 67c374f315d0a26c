import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('a service whose launcher goes while it starts ends by itself', async () => {
  const child = await starting()
  const ended = once(child, 'exit')
  child.disconnect()
  expect(await ended).toEqual([0, null])
})

test('a service that is asked to end while it starts ends in order once it has started', async () => {
  const child = await starting()
  const ended = once(child, 'exit')
  let said = ''
  child.stdout!.on('data', text => (said += text))
  child.kill('SIGTERM')
  child.send('start')
  expect(await ended).toEqual([0, null])
  expect(said).toContain('stopping')
})

/** A process that runs a service, which is still starting. */
async function starting(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'fixtures/slow-start.ts'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
  return child
}
