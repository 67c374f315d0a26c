import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { TurnQueue } from '@gomodel/service'
import { fastify } from 'fastify'
import { describe, expect, test } from 'vitest'
import { EventStream } from './event-stream.ts'
import { replyWhole } from './whole-reply.ts'

/** A server and the responses of as many clients, each with its text as the client reads it. */
async function clients(stack: AsyncDisposableStack, count: number) {
  const responses: ServerResponse[] = []
  const all = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    if (responses.push(response) === count) all.resolve()
  })
  stack.defer(() => void server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const texts = Array.from({ length: count }, () => fetch(`http://127.0.0.1:${port}`).then(answer => answer.text(), () => 'broken'))
  await all.promise
  return { responses, texts }
}

const streamOf = (response: ServerResponse, writes: TurnQueue) => new EventStream(response, { headers: () => ({}), keepAliveMs: 60_000, writes })

describe('event streams that share their turns', () => {
  test('each get their own, all of it, in order', async () => {
    await using stack = new AsyncDisposableStack()
    const { responses, texts } = await clients(stack, 8)
    const writes = new TurnQueue()
    await Promise.all(responses.map(async (response, client) => {
      const stream = streamOf(response, writes)
      for (let at = 0; at < 50; at++) await stream.write(Buffer.from(`${client}-${at} `))
      stream.end()
    }))
    const expected = responses.map((_, client) => Array.from({ length: 50 }, (__, at) => `${client}-${at} `).join(''))
    const got = await Promise.all(texts)
    // Which client is which only its text says.
    expect(got.sort()).toEqual(expected.sort())
  })

  test('go on when one of them is gone before its turn is over', async () => {
    await using stack = new AsyncDisposableStack()
    const { responses, texts } = await clients(stack, 3)
    const writes = new TurnQueue()
    const streams = responses.map(response => streamOf(response, writes))
    const written = streams.map((stream, client) => stream.write(Buffer.from(`from ${client}`)))
    responses[1]!.destroy()
    await Promise.all(written)
    for (const stream of [streams[0]!, streams[2]!]) stream.end()
    await turn()
    expect((await Promise.all(texts)).sort()).toEqual(['broken', 'from 0', 'from 2'])
  })
})

test('a whole reply has each header once, and its own before that of the route', async () => {
  await using stack = new AsyncDisposableStack()
  const app = stack.adopt(fastify(), server => server.close())
  const replies = new TurnQueue()
  app.get('/', (_, reply) => replyWhole(replies, reply.headers({ 'x-cache': 'MISS', 'x-general': 'g' }), { headers: { 'x-cache': 'HIT' }, bytes: Buffer.from('whole') }))
  const { headers } = await fetch(await app.listen({ port: 0, host: '127.0.0.1' }))
  expect(['x-cache', 'x-general', 'content-length'].map(name => headers.get(name))).toEqual(['HIT', 'g', '5'])
})

test('a whole reply that cannot be written ends its connection, and nothing else', async () => {
  await using stack = new AsyncDisposableStack()
  const app = stack.adopt(fastify(), server => server.close())
  const replies = new TurnQueue()
  app.get<{ Params: { value: string } }>('/:value', (request, reply) => replyWhole(replies, reply, { headers: { 'x-said': request.params.value }, bytes: Buffer.from('whole') }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const said = async (value: string) => fetch(`${url}/${encodeURIComponent(value)}`).then(answer => answer.text(), () => 'broken')
  expect(await Promise.all(['a', 'b\n', 'c'].map(said))).toEqual(['whole', 'broken', 'whole'])
  expect(await said('d')).toBe('whole')
})
