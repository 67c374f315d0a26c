import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Client } from './client.ts'

/** A client that sent a request, and the response that it waits for. */
async function waiting(stack: AsyncDisposableStack) {
  const came = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => came.resolve(response))
  stack.defer(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  stack.defer(() => void socket.destroy())
  socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n')
  const response = await came.promise
  return { socket, response, client: new Client(response) }
}

describe('a client', () => {
  test('that leaves is gone, and says so to those who listen', async () => {
    await using stack = new AsyncDisposableStack()
    const { socket, client, response } = await waiting(stack)
    const { signal } = client
    expect([client.gone, signal.aborted]).toEqual([false, false])
    const told = once(signal, 'abort')
    socket.destroy()
    await told
    expect([client.gone, response.writableFinished]).toEqual([true, false])
  })

  test('that left before anybody listened is known to be gone', async () => {
    await using stack = new AsyncDisposableStack()
    const { socket, client, response } = await waiting(stack)
    const closed = once(response, 'close')
    socket.destroy()
    await closed
    expect([client.gone, client.signal.aborted]).toEqual([true, true])
  })

  test('that has its answer never left, whatever it does then', async () => {
    await using stack = new AsyncDisposableStack()
    const { socket, client, response } = await waiting(stack)
    const { signal } = client
    const closed = once(response, 'close')
    response.end('all')
    await once(socket, 'data')
    socket.destroy()
    await closed
    expect([client.gone, signal.aborted, client.signal === signal]).toEqual([false, false, true])
  })
})
