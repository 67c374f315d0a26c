import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, until } from '@gomodel/testing'
import { startChild } from './child.ts'
import type { Surroundings, System } from './systems.ts'

/** The gateway that ours is compared with. */
export const PEER = '@portkey-ai/gateway'

/** Its version, as installed. */
export function peerVersion(): string {
  return (JSON.parse(readFileSync(join(folderOfPeer(), 'package.json'), 'utf8')) as { version: string }).version
}

/** Starts it as it is, but for its port and without its page for the browser, which would keep a log of every request. */
export async function startPeer({ upstreamPort, folder, stack }: Surroundings): Promise<System> {
  const port = await freePort()
  const gateway = stack.adopt(
    startChild(join(folderOfPeer(), 'build/start-server.js'), {
      args: [`--port=${port}`, '--headless'],
      execArgv: ['--import', join(import.meta.dirname, 'end-with-parent.ts')],
      cwd: folder,
      silent: true,
    }),
    child => child.stop(),
  )
  await until(async () => (await fetch(`http://127.0.0.1:${port}/`)).ok, { what: PEER, timeoutMs: 20_000, everyMs: 50 })
  return {
    name: 'peer',
    port,
    headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1` },
    caches: false,
    processes: [{ name: 'peer', pid: gateway.pid }],
    ended: () => (gateway.running ? undefined : PEER),
  }
}

function folderOfPeer(): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`${PEER}/package.json`)))
  } catch (thrown) {
    throw new Error(`${PEER} is not installed: run "npm ci --prefix test/bench", or leave the peer out with --systems`, { cause: thrown })
  }
}
