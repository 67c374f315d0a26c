import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Incoming } from './incoming.ts'

const LIMIT = 100_000

/** A server that answers with what it was sent, and a client that says what it wants byte by byte. */
async function echo(stack: AsyncDisposableStack, take: (request: Incoming) => Promise<Buffer | string>): Promise<Socket> {
  const server = createServer({ IncomingMessage: Incoming }, (request, response) => {
    void take(request).then(body => response.end(body), (thrown: { code: string }) => response.end(thrown.code))
  })
  stack.defer(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return stack.adopt(connect((server.address() as AddressInfo).port, '127.0.0.1'), socket => void socket.destroy())
}

const whole = (request: Incoming) => new Promise<Buffer>((resolve, reject) => request.whole(LIMIT, (error, body) => (error ? reject(error) : resolve(body!))))

/** Every answer that came so far, as soon as one more ends like this. */
async function answered(client: Socket, end: string): Promise<string> {
  let text = ''
  for (;;) {
    text += String((await once(client, 'data'))[0])
    if (text.endsWith(end)) return text
  }
}

const head = (length: number) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`

describe('a body that is taken whole', () => {
  test.each([
    ['with its head', [`${head(4)}body`]],
    ['in parts', [head(4), 'bo', 'dy']],
    ['in chunks', ['POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbo', '\r\n2\r\ndy\r\n0\r\n\r\n']],
  ])('comes %s, and the connection goes on', async (_, parts) => {
    await using stack = new AsyncDisposableStack()
    const client = await echo(stack, whole)
    for (let round = 0; round < 3; round++) {
      const answer = answered(client, 'body')
      for (const part of parts) {
        client.write(part)
        await new Promise(setImmediate)
      }
      expect(await answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nbody$/)
    }
  })

  test('comes for each of the requests that were sent in one piece', async () => {
    await using stack = new AsyncDisposableStack()
    const client = await echo(stack, whole)
    client.write(['one', 'two', 'three', ''].map(body => `${head(body.length)}${body}`).join('') + `${head(4)}last`)
    const answers = (await answered(client, 'last')).split(/HTTP\/1.1 200 OK\r\n[^]*?\r\n\r\n/)
    expect(answers).toEqual(['', 'one', 'two', 'three', '', 'last'])
  })

  test('is empty when there is none', async () => {
    await using stack = new AsyncDisposableStack()
    const client = await echo(stack, async request => `${(await whole(request)).length} bytes`)
    client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    expect(await answered(client, '0 bytes')).toContain('200 OK')
  })

  test.each([
    ['is announced', head(LIMIT + 1)],
    ['came', `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}`],
  ])('is refused as soon as too much %s', async (_, sent) => {
    await using stack = new AsyncDisposableStack()
    const client = await echo(stack, whole)
    client.write(sent)
    await answered(client, 'payload_too_large')
  })

  test('is not there when the client leaves before its end', async () => {
    await using stack = new AsyncDisposableStack()
    const refused = Promise.withResolvers<string>()
    const client = await echo(stack, async request => {
      const body = whole(request)
      client.destroy()
      await body.then(() => refused.resolve('came'), (thrown: { code: string }) => refused.resolve(thrown.code))
      return ''
    })
    client.write(`${head(10)}half`)
    expect(await refused.promise).toBe('invalid_request')
  })

  describe('that is read away, once it is refused,', () => {
    const LARGE = 2_000_000

    /** A server that says why at once and reads away the rest; when its end of the connection is gone. */
    async function refusing(stack: AsyncDisposableStack, within: { bytes: number; silentMs: number }): Promise<{ client: Socket; gone: Promise<unknown> }> {
      const server = createServer({ IncomingMessage: Incoming }, (request, response) => {
        request.whole(LIMIT, error => response.writeHead(413).write((error as unknown as { code: string }).code, () => request.readAway(within)))
      })
      stack.defer(() => void server.close())
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const gone = once(server, 'connection').then(([socket]) => once(socket as Socket, 'close'))
      // It goes on sending although the other side is done.
      const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
      stack.defer(() => void client.destroy())
      return { client: client.on('error', () => {}), gone }
    }

    test('leaves the answer to be read behind it, and ends the connection', async () => {
      await using stack = new AsyncDisposableStack()
      const { client, gone } = await refusing(stack, { bytes: LARGE, silentMs: 60_000 })
      client.write(`${head(LARGE)}${'x'.repeat(LARGE)}`)
      expect(await answered(client, 'payload_too_large\r\n')).toContain('413 Payload Too Large')
      await gone
    })

    test.each([
      ['has more bytes than that', { bytes: LARGE, silentMs: 60_000 }, LARGE + LIMIT + 1],
      ['is silent for longer than that', { bytes: LARGE, silentMs: 1 }, 1],
    ])('ends the connection when it %s', async (_, within, sent) => {
      await using stack = new AsyncDisposableStack()
      const { client, gone } = await refusing(stack, within)
      client.write(`${head(9 * LARGE)}${'x'.repeat(sent)}`)
      await gone
    })
  })

  test('is a stream as ever for who reads it as one', async () => {
    await using stack = new AsyncDisposableStack()
    const client = await echo(stack, async request => Buffer.concat(await request.toArray() as Buffer[]))
    client.write(`${head(4)}body`)
    expect(await answered(client, 'body')).toContain('200 OK')
  })
})
