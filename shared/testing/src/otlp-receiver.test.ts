import { expect, onTestFinished, test } from 'vitest'
import { startOtlpReceiver } from './otlp-receiver.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const attribute = (key: string, value: object) => ({ key, value })
const span = {
  traceId,
  spanId: 'b7ad6b7169203331',
  name: 'a',
  kind: 2,
  startTimeUnixNano: '1000000000',
  endTimeUnixNano: '2500000000',
  attributes: [attribute('text', { stringValue: 'x' }), attribute('count', { intValue: '3' }), attribute('yes', { boolValue: true }), attribute('ratio', { doubleValue: 0.5 }), attribute('list', { arrayValue: { values: [{ stringValue: 'y' }] } })],
  events: [{ name: 'e', timeUnixNano: '2000000000' }],
  status: { code: 2 },
}
const request = { resourceSpans: [{ resource: { attributes: [attribute('service.name', { stringValue: 's' })] }, scopeSpans: [{ spans: [span] }] }] }

async function receiving() {
  const receiver = await startOtlpReceiver()
  onTestFinished(() => receiver.stop())
  const send = (body: string | Uint8Array<ArrayBuffer>, type: string, path = '/v1/traces') => fetch(receiver.url + path, { method: 'POST', headers: { 'content-type': type }, body })
  return { receiver, send }
}

test('spans in JSON are read', async () => {
  const { receiver, send } = await receiving()
  expect((await send(JSON.stringify(request), 'application/json')).status).toBe(200)
  expect(receiver.spans).toEqual([
    {
      traceId,
      spanId: 'b7ad6b7169203331',
      parentSpanId: undefined,
      name: 'a',
      kind: 'server',
      service: 's',
      resource: { 'service.name': 's' },
      startedAt: 1000,
      endedAt: 2500,
      attributes: { text: 'x', count: 3, yes: true, ratio: 0.5, list: ['y'] },
      events: [{ name: 'e', at: 2000, attributes: {} }],
      status: 'error',
      message: '',
    },
  ])
})

test('what is no request is refused, in either form', async () => {
  const { receiver, send } = await receiving()
  expect((await send('{', 'application/json')).status).toBe(400)
  // A field of five bytes of which two came.
  expect((await send(Buffer.from([0x0a, 0x05, 0x01, 0x02]), 'application/x-protobuf')).status).toBe(400)
  expect((await send('{}', 'application/json', '/v1/logs')).status).toBe(404)
  expect(receiver.spans).toEqual([])
  expect(receiver.requests).toHaveLength(3)
})

test('a receiver that is told to refuse does', async () => {
  const { receiver, send } = await receiving()
  receiver.behaviour = 'refuse'
  expect((await send(JSON.stringify(request), 'application/json')).status).toBe(503)
  expect(receiver.spans).toEqual([])
})
