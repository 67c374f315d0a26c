import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { tellParent } from './child.ts'

// The least that a cache can be that is written as Fastify means it: answers by the text of their requests. No key is checked or made, nothing read, counted, bounded or forgotten.
const upstream = `http://127.0.0.1:${process.env.BENCH_UPSTREAM_PORT}/v1/chat/completions`
const kept = new Map<string, Buffer>()
const app = fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

app.post('/v1/chat/completions', (request, reply) => {
  const body = request.body as Buffer
  const asked = body.toString('latin1')
  const answer = kept.get(asked)
  reply.type('application/json')
  if (answer) return void reply.send(answer)
  return passed(request.headers.authorization ?? '', body).then(bytes => {
    kept.set(asked, bytes)
    return bytes
  })
})

async function passed(authorization: string, body: Buffer): Promise<Buffer> {
  const answer = await fetch(upstream, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body: new Uint8Array(body) })
  return Buffer.from(await answer.arrayBuffer())
}

await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
tellParent((app.server.address() as AddressInfo).port)
