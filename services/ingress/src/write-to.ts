import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** Writes to a client; resolves when there is room for more, or when it is gone. */
export async function writeTo(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (response.write(bytes) || response.closed) return
  const gone = new AbortController()
  const leave = () => gone.abort()
  response.once('close', leave)
  await once(response, 'drain', { signal: gone.signal }).catch(() => {})
  response.off('close', leave)
}
